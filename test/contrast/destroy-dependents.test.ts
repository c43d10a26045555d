import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app';
import { parameterNames } from '../../lib/names';
import { resolveWords } from '../../lib/posture';
import { type Outcome, run } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

type App = ReturnType<typeof buildApp>;
let stage: Stage;
afterEach(() => stage.close());

/** As it stands days after a cutover: green is live, and blue is to go. */
async function openAfterCutover(change?: (app: App) => void): Promise<void> {
  stage = await Stage.open(undefined, { durations: quick });
  await stage.deploy({}, change ? { change } : {});
  const { posture } = await stage.record();
  const live = { ...posture, live: 'green', access: 'open' };
  stage.sandbox.world.parameters.put(parameterNames(stage.settings).posture, JSON.stringify(live), 'String');
}

const cdk = (...words: string[]): Promise<Outcome> => run(['node_modules/aws-cdk/bin/cdk', ...words]);
const ours = () => ['-c', `settings=${stage.settingsFile}`];

/** What each stack has become, and which environments and names there are. */
function left() {
  const { cloudFormation, world } = stage.sandbox;
  const machines = world.beanstalk.instances().filter(({ state }) => state === 'running');
  const hosts = Object.values(stage.settings.roles).flatMap((role) => role.hosts);
  return {
    stacks: cloudFormation.stacks
      .all()
      .filter(({ status }) => status !== 'DELETE_COMPLETE')
      .map(({ name }) => name)
      .sort(),
    environments: [...new Set(machines.map(({ environment }) => environment))].sort(),
    hosts: hosts.filter((host) => stage.addressOf(host)),
  };
}
const all = {
  stacks: ['CobaltBlue', 'CobaltDoor', 'CobaltFence', 'CobaltGreen', 'CobaltOperations', 'CobaltTraffic'],
  environments: [
    'cobalt-production-blue',
    'cobalt-production-green',
    'cobalt-ses-production-blue',
    'cobalt-ses-production-green',
  ],
  hosts: ['myabf.com.au', 'www.myabf.com.au', 'ses.myabf.com.au'],
};

/** The app as most people write one: no protection, and what a stack made goes with it. */
function unprotected(app: App): void {
  for (const stack of app.node.children.filter(Stack.isStack)) {
    stack.terminationProtection = false;
    for (const resource of stack.node.findAll().filter(CfnResource.isCfnResource))
      resource.applyRemovalPolicy(RemovalPolicy.DESTROY);
  }
}

describe('cdk destroy of the old side', () => {
  test('naively, of an app without protection: the live side and its names go with it', async () => {
    await openAfterCutover(unprotected);
    expect(left()).toEqual(all);
    const record = await stage.record();
    const outdir = mkdtempSync(path.join(tmpdir(), 'naive-'));
    const app = buildApp(
      { settings: stage.settings, record, words: resolveWords(record.posture, {}) },
      { outdir },
    );
    unprotected(app);
    app.synth();
    const { code, said } = await cdk('destroy', 'CobaltBlue', '--force', '--app', outdir);
    expect([code, said]).toEqual([0, expect.stringContaining('CobaltTraffic')]);
    expect(left()).toEqual({
      stacks: ['CobaltDoor', 'CobaltFence', 'CobaltOperations'],
      environments: [],
      hosts: [],
    });
  });

  test('as we do it: protection refuses; alone and unprotected it goes, and nothing real with it', async () => {
    await openAfterCutover();
    const refused = await cdk('destroy', 'CobaltBlue', '--force', ...ours());
    expect(refused).toMatchObject({
      code: 1,
      said: expect.stringContaining('TerminationProtection is enabled'),
    });
    expect(left()).toEqual(all);

    const StackName = 'CobaltBlue';
    await new CloudFormationClient({}).send(
      new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
    );
    expect(await cdk('destroy', 'CobaltBlue', '--force', ...ours())).toMatchObject({ code: 1 });
    expect(left()).toEqual(all);
    expect(await cdk('destroy', 'CobaltBlue', '--force', '--exclusively', ...ours())).toMatchObject({
      code: 0,
    });
    expect(left()).toEqual({ ...all, stacks: all.stacks.filter((name) => name !== 'CobaltBlue') });
  });
});
