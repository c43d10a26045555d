import { stackNames } from '../../../names';
import { fact, type Step } from '../../../runbook/step';
import { adoptNames, hostsInOrder, namesAdopted, turnIntoAliases } from '../../adopt/adopt-names';
import { changeStack, isAdded, isChangedInPlace, stackAs } from '../../adopt/change-stack';
import { importedEvidence, liveStack } from '../../adopt/import-side';
import { adoptedWords, adopting, isRecorded, liveSide } from '../../adopt/intended';
import { keepSecrets, keptEvidence } from '../../adopt/keep-secrets';
import { lookAtLive, profileOf } from '../../adopt/look';
import { seal, sealedEvidence } from '../../adopt/seal';
import type { Ports } from '../../ports';
import { environmentNames } from '../../side/choose-instance';
import { doorEvidence, namesEvidence, sideEvidence } from '../../side/side-evidence';
import { status } from '../../side/status';
import type { PlannedChange } from '../../stack-ports';
import { declaredTemplate, recordFor } from '../../stacks/deploy';
import { condition } from '../night';
import { type GivenStep, plainStep } from '../plain-step';
import { sameAsSettings } from './import';

const stackCalls = ['cloudformation CreateChangeSet', 'cloudformation ExecuteChangeSet'];

/** Once the posture is recorded, whatever is observed is the upgrade's business and not adoption's. */
function step(ports: Ports, given: GivenStep): Step {
  return plainStep({
    ...given,
    past: async () => ((await isRecorded(ports)) ? fact('the posture', 'recorded', 'recorded') : undefined),
  });
}

/** What adoption leaves, and the world in which it counts as recorded. */
async function leaving(ports: Ports) {
  const live = await lookAtLive(ports);
  return { live, world: adopting(ports, live.record) };
}

async function templateOf(ports: Ports, stack: string): Promise<object> {
  const { world } = await leaving(ports);
  const { settings } = ports;
  const record = await recordFor(world, stack);
  return JSON.parse(declaredTemplate({ settings, record, words: adoptedWords(settings) }, stack));
}

/** A stack as the whole upgrade will have it. */
function stackStep(
  ports: Ports,
  stack: string,
  wanted: (change: PlannedChange) => boolean,
  given: Omit<GivenStep, 'byHand'>,
): Step {
  return step(ports, {
    calls: stackCalls,
    byHand: `npm run adopt -- --seal (npx cdk diff ${stack} shows it when the posture is recorded)`,
    ...given,
    postconditions: [
      condition(`${stack} is as it will be`, async () =>
        stackAs(ports, { stack, template: await templateOf(ports, stack) }),
      ),
      ...(given.postconditions ?? []),
    ],
    act: async () => {
      await changeStack(ports, { stack, template: await templateOf(ports, stack), wanted });
      return [];
    },
  });
}

export function makeRoles(ports: Ports): Step {
  const imported = condition(`${liveStack(ports)} has the environments`, () => importedEvidence(ports));
  return stackStep(ports, stackNames(ports.settings).fence, isAdded, {
    id: 'roles',
    title: 'Make the roles of instances, and the Deny of each',
    seed: [],
    after: [],
    minutes: 0.5,
    touches: ['fence'],
    preconditions: [imported, sameAsSettings(ports)],
  });
}

export function copySecrets(ports: Ports): Step {
  return step(ports, {
    id: 'secrets',
    title: 'Let each instance copy its own secrets into parameters',
    seed: [],
    after: ['roles'],
    minutes: 1,
    calls: [...stackCalls, 'on instance: keep-secrets', 'ssm PutParameter', 'cloudformation DeleteStack'],
    byHand:
      'aws ssm put-parameter --type SecureString --name ... on an instance, for each secret in the settings',
    preconditions: [sameAsSettings(ports)],
    postconditions: [
      condition('every secret is a parameter', async () => keptEvidence(ports, await lookAtLive(ports))),
    ],
    act: async () => {
      await keepSecrets(ports, await lookAtLive(ports));
      return [];
    },
  });
}

export function announceRestart(ports: Ports): Step {
  return step(ports, {
    id: 'quiet-hour',
    title: 'Begin the quiet hour: production restarts',
    seed: [],
    after: ['secrets'],
    minutes: 0,
    byHand: 'tell people',
    gate: async () => {
      const { made } = await lookAtLive(ports);
      const { environments } = ports.settings.sides[ports.settings.upgrade.from];
      const will = made.map(({ environment, declared, sealable }) => {
        const { instanceRole, ownRole } = environments[declared.role]!;
        const replaced = ownRole === true && profileOf(environment) !== instanceRole;
        const what = replaced
          ? `gets the role ${instanceRole}, so every instance of it is replaced at once: nobody is served by it for minutes`
          : 'is restarted twice, for seconds each';
        return `${environment.name} ${what}; it loses its plain ${sealable.toRemove.map(({ name }) => name).join(', ') || 'secrets, none of which is left'}.`;
      });
      return { will, check: ['that few people are about, and that they were told'] };
    },
  });
}

export function sealEnvironment(ports: Ports, name: string, after: string): Step {
  return step(ports, {
    id: `seal-${name}`,
    title: `Let the references take the place of the plain secrets of ${name}`,
    seed: [],
    after: [after],
    minutes: 8,
    calls: ['on instance: stop-jobs', 'elasticbeanstalk UpdateEnvironment', 'on instance: keep-secrets'],
    touches: [ports.settings.upgrade.from],
    byHand: `in the console: ${name}, Configuration, Updates: every secret as a reference of type SSM, its plain one removed, in one change`,
    preconditions: [sameAsSettings(ports)],
    postconditions: [condition(`${name} is sealed`, () => sealedEvidence(ports, name))],
    act: async () => {
      await seal(ports, name);
      return [];
    },
  });
}

/** So that the first update through CloudFormation is not one that matters. */
export function firstUpdate(ports: Ports, after: string): Step {
  const side = ports.settings.upgrade.from;
  const stack = liveStack(ports);
  return stackStep(ports, stack, isChangedInPlace, {
    id: 'first-update',
    title: `Update ${side} through CloudFormation for the first time: its stamp, and nothing else`,
    seed: [],
    after: [after],
    minutes: 5,
    touches: [side],
    postconditions: [
      condition(`${side} is observed as declared, every process included`, async () => {
        const { world, live } = await leaving(ports);
        return sideEvidence(world, live.declared, side);
      }),
    ],
  });
}

/** Open doors let everybody through: with them in place the first closing is a change of one position. */
export function hangOpenDoors(ports: Ports): Step {
  return stackStep(ports, stackNames(ports.settings).door, isAdded, {
    id: 'doors',
    title: 'Hang open doors before the load balancers',
    seed: [],
    after: ['first-update'],
    minutes: 0.5,
    touches: ['door'],
    postconditions: [
      condition('the doors of the live side are open', async () => {
        const { live } = await leaving(ports);
        const own = Object.values(liveSide(live.declared).environments).map(
          ({ name }) => `the door of ${name}`,
        );
        return (await doorEvidence(ports, live.declared)).filter(({ what }) => own.includes(what));
      }),
    ],
  });
}

export function makeAliases(ports: Ports): Step {
  return step(ports, {
    id: 'aliases',
    title: `Make ${hostsInOrder(ports.settings).join(', ')} aliases, one at a time`,
    seed: [],
    after: ['first-update'],
    minutes: 1,
    calls: ['route53 ChangeResourceRecordSets'],
    touches: ['traffic'],
    byHand:
      'aws route53 change-resource-record-sets, with DELETE of the CNAME and CREATE of the alias in one batch',
    postconditions: [
      condition('every name is an alias of the live side', async () =>
        namesEvidence(ports, (await lookAtLive(ports)).declared),
      ),
    ],
    act: async () => {
      await turnIntoAliases(ports, await lookAtLive(ports));
      return [];
    },
  });
}

export function adoptRecords(ports: Ports): Step {
  return plainStep({
    id: 'names',
    title: 'Let the stack of the names take them, one at a time, and record the posture',
    seed: [],
    after: ['aliases', 'doors'],
    minutes: 5,
    deadlineMinutes: 60,
    calls: [...stackCalls, 'cloudformation DeleteStack', 'route53 ChangeResourceRecordSets'],
    touches: ['traffic'],
    byHand: `npm run adopt -- --seal (it tries a name that nobody uses first)`,
    past: async () => ((await isRecorded(ports)) ? fact('the posture', 'recorded', 'recorded') : undefined),
    postconditions: [
      condition('the names and the posture are in their stack', async () => {
        const { live } = await leaving(ports);
        return namesAdopted(ports, live);
      }),
    ],
    act: async () => {
      await adoptNames(ports, await lookAtLive(ports));
      return [];
    },
  });
}

export function lookAgain(ports: Ports): Step {
  const other = environmentNames(ports.settings, ports.settings.upgrade.to);
  return plainStep({
    id: 'look-again',
    title: 'Look at everything again',
    seed: [],
    after: ['names'],
    minutes: 0.5,
    byHand: 'npm run status',
    postconditions: [
      condition('nothing of the live side differs from what is declared', async () => {
        const { differences } = await status(ports);
        const own = differences.filter(({ where }) => !other.some((name) => where.includes(name)));
        const told = own.map(({ where, what, observed }) => `${what} of ${where}: ${observed}`);
        return [fact('what differs from what is declared', told.join('; ') || 'nothing', 'nothing')];
      }),
    ],
  });
}
