import { resolveWords, type Words } from '../../../../lib/posture';
import type { UpgradeRecord } from '../../../../lib/record';
import type { Settings } from '../../../../lib/settings';
import type { PlannedChange } from '../../../../lib/upgrade/stack-ports';
import {
  declaredTemplate,
  prepareStack,
  stackBusy,
  stackEvidence,
} from '../../../../lib/upgrade/stacks/deploy';
import { withVariables } from '../../../support/aws';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, before, cobalt, directions, readied } from '../../../support/upgrade';
import { rejection } from '../../../support/upgrade-world';

let restore: () => void;
beforeAll(() => {
  restore = withVariables({ CDK_VALIDATION: 'false' });
});
afterAll(() => restore());

const frozen: Words = { live: 'blue', access: 'frozen', reassert: false };
const forced = 'npm run fence -- --side blue --confirm cobalt-production-blue';
const continued = (stack: string) => `continue-update-rollback --stack-name ${stack}`;
const stacks = ['CobaltFence', 'CobaltBlue', 'CobaltGreen', 'CobaltTraffic'];

/** A world whose stacks are deployed as its record says. */
function deployed(settings: Settings = cobalt, record: UpgradeRecord = before(settings)): FakeWorld {
  const world = new FakeWorld(settings, record);
  const words = resolveWords(record.posture, {});
  for (const name of stacks)
    world.stack(name, JSON.parse(declaredTemplate({ settings, record, words }, name)));
  return world;
}

async function violated(world: FakeWorld, stack: string, words: Words): Promise<string[]> {
  const evidence = await stackEvidence(fakePorts(world), stack, words);
  return evidence.filter(({ holds }) => !holds).map(({ observed }) => observed);
}

describe.each(directions)('%s', (_, settings) => {
  const words: Words = { live: settings.upgrade.from, access: 'frozen', reassert: false };

  test.each(stacks)('%s is deployed for a move, and then it is as declared', async (stack) => {
    const world = deployed(settings);
    const changes = await prepareStack(fakePorts(world), stack, words);
    const acts = changes.length > 0 ? [`prepare ${stack}`, `execute ${stack}`] : [`prepare ${stack}`];
    expect(world.changes).toEqual(acts);
    expect(await violated(world, stack, words)).toEqual([]);
  });
});

test('a stack that has no change is left alone', async () => {
  const world = deployed();
  expect(await prepareStack(fakePorts(world), 'CobaltGreen', frozen)).toEqual([]);
  expect(world.changes).toEqual(['prepare CobaltGreen']);
});

describe('a change that no posture needs is refused, and not executed', () => {
  const environment = 'AWS::ElasticBeanstalk::Environment';
  const record = 'AWS::Route53::RecordSet';
  const modified = (type: string, properties: string[], replacement = 'False') => ({
    type,
    action: 'Modify',
    replacement,
    properties,
  });
  test.each<[string, Omit<PlannedChange, 'resource'>, string]>([
    ['CobaltBlue', modified(environment, ['OptionSettings'], 'True'), 'would be replaced'],
    ['CobaltBlue', modified(environment, ['OptionSettings'], 'Conditional'), 'might be replaced'],
    ['CobaltBlue', modified(environment, ['OptionSettings', 'CNAMEPrefix']), 'its CNAMEPrefix changed'],
    ['CobaltBlue', modified(environment, ['PlatformArn']), 'its PlatformArn changed'],
    ['CobaltBlue', modified(environment, ['DeletionPolicy']), 'its DeletionPolicy changed'],
    [
      'CobaltBlue',
      modified('AWS::RDS::DBInstance', ['DBSnapshotIdentifier']),
      'its DBSnapshotIdentifier changed',
    ],
    ['CobaltBlue', modified('AWS::RDS::DBInstance', []), 'would be changed'],
    [
      'CobaltBlue',
      { type: environment, action: 'Remove', replacement: undefined, properties: [] },
      'would be removed',
    ],
    [
      'CobaltBlue',
      { type: environment, action: 'Add', replacement: undefined, properties: [] },
      'would be made',
    ],
    [
      'CobaltBlue',
      { type: environment, action: 'Dynamic', replacement: undefined, properties: [] },
      '"Dynamic"',
    ],
    ['CobaltFence', modified('AWS::IAM::Role', ['Policies']), 'its Policies changed'],
    ['CobaltFence', modified('AWS::IAM::RolePolicy', ['RoleName']), 'its RoleName changed'],
    ['CobaltTraffic', modified(record, ['AliasTarget', 'Name']), 'its Name changed'],
    ['CobaltTraffic', modified('AWS::SSM::Parameter', ['Type']), 'its Type changed'],
    ['CobaltOperations', modified('AWS::S3::Bucket', ['BucketEncryption']), 'its BucketEncryption changed'],
  ])('%s: %j', async (stack, change, why) => {
    const world = deployed();
    const harmless = { resource: 'other', ...modified(environment, ['OptionSettings']) };
    world.planned = [...(stack === 'CobaltBlue' ? [harmless] : []), { resource: 'web', ...change }];
    const error = await rejection(prepareStack(fakePorts(world), stack, frozen));
    expect(error).toMatchObject({ code: 'CHANGE_REFUSED', exitCode: 3 });
    expect(error.text.so).toContain(why);
    expect(error.text.so).not.toContain('other (');
    expect(world.changes).toEqual([`prepare ${stack}`, `discard ${stack}`]);
  });
});

test('a change that is refused is told so, whether it could be taken away or not', async () => {
  const world = deployed();
  world.planned = [
    { resource: 'web', type: 'AWS::EC2::Instance', action: 'Add', replacement: undefined, properties: [] },
  ];
  const ports = fakePorts(world);
  ports.deployments.discard = () => Promise.reject(new Error('The connection broke.'));
  expect(await rejection(prepareStack(ports, 'CobaltBlue', frozen))).toMatchObject({
    code: 'CHANGE_REFUSED',
  });
});

test('a change that failed before is made again, though no property differs any more', async () => {
  const world = deployed();
  world.stacks.get('CobaltBlue')!.status = 'UPDATE_FAILED';
  const again = { action: 'Modify', replacement: 'False', properties: [] };
  world.planned = [{ resource: 'web', type: 'AWS::ElasticBeanstalk::Environment', ...again }];
  await prepareStack(fakePorts(world), 'CobaltBlue', frozen);
  expect(world.changes).toContain('execute CobaltBlue');
});

test.each([
  ['UPDATE_IN_PROGRESS', 'STACK_BUSY'],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'STACK_BUSY'],
  ['UPDATE_ROLLBACK_FAILED', 'STACK_FAILED'],
  ['ROLLBACK_COMPLETE', 'STACK_FAILED'],
  ['DELETE_FAILED', 'STACK_FAILED'],
])('nothing is prepared of a stack that is %s', async (status, code) => {
  const world = deployed();
  world.stacks.get('CobaltBlue')!.status = status;
  const error = await rejection(prepareStack(fakePorts(world), 'CobaltBlue', frozen));
  expect(error).toMatchObject({ code, exitCode: 3 });
  expect(error.text.so).toContain(status);
  expect(world.changes).toEqual([]);
});

describe('a stack whose rollback failed: what to type follows from what its side is to be', () => {
  const testing: Words = { live: 'green', access: 'testing', reassert: false };

  test.each<[string, string, Words, string]>([
    ['a side that loses is fenced by force, and never rolled back', 'CobaltBlue', testing, forced],
    ['a side that is frozen is one that loses', 'CobaltBlue', frozen, forced],
    ['a side that wins is rolled back', 'CobaltGreen', testing, continued('CobaltGreen')],
    ['so are the names', 'CobaltTraffic', testing, continued('CobaltTraffic')],
  ])('%s', async (_, stack, words, command) => {
    const world = deployed(cobalt, at(cobalt, { live: 'blue', access: 'frozen' }, readied));
    world.stacks.get(stack)!.status = 'UPDATE_ROLLBACK_FAILED';
    const error = await rejection(prepareStack(fakePorts(world), stack, words));
    expect(error.code).toBe('STACK_FAILED');
    expect(error.text.next).toMatch(new RegExp(`${command}$`));
  });

  test('a side that was fenced by force and wins again is let launch before its rollback goes on', async () => {
    const world = deployed(cobalt, at(cobalt, { live: 'blue', access: 'frozen' }, readied));
    world.stacks.get('CobaltBlue')!.status = 'UPDATE_ROLLBACK_FAILED';
    world.emptied.add(world.environments.get('cobalt-production-blue')!.autoScalingGroup);
    const back: Words = { live: 'blue', access: 'open', reassert: false };
    const error = await rejection(prepareStack(fakePorts(world), 'CobaltBlue', back));
    const release = 'npm run jobs -- release --side blue';
    expect(error.text.next).toMatch(
      new RegExp(`${release} && aws cloudformation ${continued('CobaltBlue')}$`),
    );
  });

  test('a side that was never open has no keys to be given back', async () => {
    const world = deployed();
    world.stacks.get('CobaltGreen')!.status = 'UPDATE_ROLLBACK_FAILED';
    const error = await rejection(prepareStack(fakePorts(world), 'CobaltGreen', frozen));
    expect(error.text.next).toMatch(new RegExp(`${continued('CobaltGreen')}$`));
  });
});

test('a stack whose creation was rolled back can only be deleted', async () => {
  const world = deployed();
  world.stacks.get('CobaltGreen')!.status = 'ROLLBACK_COMPLETE';
  const error = await rejection(prepareStack(fakePorts(world), 'CobaltGreen', frozen));
  expect(error.text.next).toMatch(/aws cloudformation delete-stack --stack-name CobaltGreen$/);
});

test.each(['ROLLBACK_FAILED', 'DELETE_FAILED', 'IMPORT_ROLLBACK_FAILED'])(
  'of a stack that is %s no rollback is gone on with, which AWS would refuse',
  async (status) => {
    const world = deployed();
    world.stacks.get('CobaltGreen')!.status = status;
    const error = await rejection(prepareStack(fakePorts(world), 'CobaltGreen', frozen));
    expect(error.text.next).toMatch(/describe-stack-events --stack-name CobaltGreen$/);
  },
);

test('a change that somebody had rolled back is named, and made again', async () => {
  const world = deployed();
  world.stacks.get('CobaltBlue')!.status = 'UPDATE_ROLLBACK_COMPLETE';
  const [observed] = await violated(world, 'CobaltBlue', frozen);
  expect(observed).toMatch(/^another \(.*\), for somebody had its last change rolled back/);
  const said: string[] = [];
  await prepareStack({ ...fakePorts(world), progress: (text) => said.push(text) }, 'CobaltBlue', frozen);
  expect(said[0]).toMatch(
    /^CobaltBlue is UPDATE_ROLLBACK_COMPLETE: somebody had its last change rolled back/,
  );
  expect(world.changes).toContain('execute CobaltBlue');
});

test('nothing is prepared of a move that may not be made', async () => {
  const world = deployed();
  const move = prepareStack(fakePorts(world), 'CobaltGreen', {
    live: 'green',
    access: 'open',
    reassert: false,
  });
  expect(await rejection(move)).toMatchObject({ code: 'MOVE_REFUSED', exitCode: 3 });
  expect(world.changes).toEqual([]);
});

describe('the evidence of a deploy', () => {
  test('names the resources whose template is another', async () => {
    const [observed] = await violated(deployed(), 'CobaltBlue', frozen);
    expect(observed).toMatch(/^another \(web\w*, ses\w*\)$/);
  });

  test.each([
    'UPDATE_IN_PROGRESS',
    'UPDATE_FAILED',
    'ROLLBACK_COMPLETE',
    'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  ])('does not hold while the stack is %s, whatever its template', async (status) => {
    const world = deployed();
    world.stacks.get('CobaltBlue')!.status = status;
    const words = resolveWords(world.record.posture, {});
    expect(await violated(world, 'CobaltBlue', words)).toEqual([status]);
  });

  test('does not hold for a stack that is not there', async () => {
    const world = deployed();
    world.stacks.delete('CobaltFence');
    expect(await violated(world, 'CobaltFence', frozen)).toEqual(['not there']);
    expect(await stackBusy(fakePorts(world), 'CobaltFence')).toBe(false);
  });

  test('minds no character that CloudFormation tells back as a question mark', async () => {
    const plain = { ...cobalt.variables.plain, SITE_NAME: 'Café' };
    const settings = { ...cobalt, variables: { ...cobalt.variables, plain } };
    const world = deployed(settings);
    const green = world.stacks.get('CobaltGreen')!;
    const told = JSON.stringify(green.template);
    expect(told).toContain('Café');
    green.template = JSON.parse(told.replace('Café', 'Caf?'));
    expect(await violated(world, 'CobaltGreen', resolveWords(world.record.posture, {}))).toEqual([]);
  });
});

test('the template of a posture is the same before and after its record', async () => {
  const testing = { live: 'green', access: 'testing' } as const;
  const words = { ...testing, reassert: false };
  const record = at(cobalt, { live: 'blue', access: 'frozen' }, readied);
  const after = at(cobalt, testing, readied);
  for (const stack of stacks)
    expect(declaredTemplate({ settings: cobalt, record, words }, stack)).toBe(
      declaredTemplate({ settings: cobalt, record: after, words }, stack),
    );
});

test.each([
  ['UPDATE_IN_PROGRESS', true],
  ['CREATE_IN_PROGRESS', true],
  ['REVIEW_IN_PROGRESS', false],
  ['UPDATE_FAILED', false],
])('a stack that is %s is busy: %s', async (status, busy) => {
  const world = deployed();
  world.stacks.get('CobaltFence')!.status = status;
  expect(await stackBusy(fakePorts(world), 'CobaltFence')).toBe(busy);
});
