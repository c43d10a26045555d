import { parameterArn, parameterNames, stackNames } from '../../names';
import { posture, resolveWords, type Words } from '../../posture';
import type { UpgradeRecord } from '../../record';
import { having, UpgradeError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import { otherSide, type Settings, type Side } from '../../settings';
import { loginArguments, onInstance } from '../on-instance';
import { poll } from '../poll';
import type { Ports } from '../ports';
import { deployUntil } from '../stacks/deploy-until';
import { ofHosts } from '../stacks/differences';
import { repairNames } from '../stacks/repair';
import { isComplete } from '../stacks/stack-status';
import { chooseInstance, environmentNames } from './choose-instance';
import { launching, observeHosts } from './observed';

export interface ForcedFence {
  side: Side;
  already: boolean;
  evidence: Evidence[];
}

/**
 * A load balancer lets connections end before an instance does, which takes minutes more, and a database notices a
 * session whose other end is gone only when nothing answers it for minutes.
 */
const patience = { everyMs: 15_000, forMs: 20 * 60_000 };

/**
 * Fences a side that cannot be updated, because its stack is busy or failed or an environment is not Ready: its door
 * closed, names away from it, its roles denied the payment keys, no instance of it left and none launched, no session of it on its
 * database. Nothing of it can charge or write any more.
 * @param towards the words that deny it the payment keys, where somebody deploys others than those of its freeze
 * @throws StepFailedError STILL_WAITING when an instance or a session does not end
 */
export async function fenceByForce(ports: Ports, side: Side, towards?: Words): Promise<ForcedFence> {
  const before = await fencedByForce(ports, side);
  if (before.every(({ holds }) => holds)) return { side, already: true, evidence: before };
  const record = await ports.record.read();
  const declared = posture(ports.settings, record, resolveWords(record.posture, {}));
  await closeDoor(ports, disarming(record, side));
  if (record.posture.live !== side) for (const did of await repairNames(ports, declared)) ports.progress(did);
  const fence = stackNames(ports.settings).fence;
  if ((await denialEvidence(ports, side)).some(({ holds }) => !holds))
    await having(`Names may have been led away from ${side}.`, () =>
      deployUntil(ports, fence, towards ?? disarming(record, side)),
    );
  const evidence = await having(
    `${side} may read no payment keys, and its groups are being emptied.`,
    async () => {
      await empty(ports, side);
      return untilFenced(ports, side);
    },
  );
  return { side, already: false, evidence };
}

/** Whether a side is as a fence by force leaves it. Changes nothing. */
export async function fencedByForce(ports: Ports, side: Side): Promise<Evidence[]> {
  const record = await ports.record.read();
  const evidence = [
    ...(await namesEvidence(ports, record, side)),
    ...(await denialEvidence(ports, side)),
    ...(await emptiedEvidence(ports, side)),
  ];
  // Whoever is there may be connected, and there may be nobody yet to ask from.
  if (evidence.some(({ holds }) => !holds)) return evidence;
  return [...evidence, ...(await sessionEvidence(ports, record, side))];
}

/** It needs neither the environment nor its stack; where it cannot be closed the rest is done all the same. */
async function closeDoor(ports: Ports, words: Words): Promise<void> {
  try {
    await deployUntil(ports, stackNames(ports.settings).door, words);
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    ports.progress(`the door stays as it is: ${error.text.so}`);
  }
}

/** The words that deny a side the payment keys: those of its freeze, or of the record, in which it lost. */
function disarming({ posture: recorded }: UpgradeRecord, side: Side): Words {
  return recorded.live === side
    ? { live: side, access: 'frozen', reassert: false }
    : resolveWords(recorded, {});
}

/** Launching is suspended first, or another instance would take an ended one's place. */
async function empty(ports: Ports, side: Side): Promise<void> {
  for (const name of environmentNames(ports.settings, side)) {
    const group = (await ports.environments.state(name))?.autoScalingGroup;
    if (!group) continue;
    ports.progress(`${name}: ending every instance`);
    await ports.scalingGroups.suspend(group, launching);
    await ports.scalingGroups.empty(group);
  }
}

async function untilFenced(ports: Ports, side: Side): Promise<Evidence[]> {
  const until = `no instance of ${side} is left, and no session of it on its database`;
  return poll(ports, { until, ...patience }, async () => {
    const evidence = await fencedByForce(ports, side);
    const left = evidence.filter(({ holds }) => !holds);
    if (left.length === 0) return evidence;
    ports.progress(left.map(({ what, observed }) => `${what}: ${observed}`).join('; '));
    return undefined;
  });
}

/** The live side's names stay where they are: they lead to nothing that answers. */
async function namesEvidence(ports: Ports, record: UpgradeRecord, side: Side): Promise<Evidence[]> {
  if (record.posture.live === side) return [];
  const declared = posture(ports.settings, record, resolveWords(record.posture, {}));
  const astray = ofHosts(ports.settings, declared, await observeHosts(ports));
  if (astray.length > 0)
    return astray.map(({ where, observed, declared: wanted }) =>
      fact(`the record of ${where}`, observed, wanted),
    );
  const { live } = record.posture;
  return [fact('where every name leads', live, live)];
}

interface RolePolicy {
  Type: string;
  Properties: {
    RoleName: string;
    PolicyDocument: {
      Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
    };
  };
}

/** Read off the template that was deployed last: no instance can be asked that is not there. */
export async function denialEvidence(ports: Ports, side: Side): Promise<Evidence[]> {
  const { settings } = ports;
  if (settings.variables.payments.length === 0) return [];
  const { fence } = stackNames(settings);
  const status = (await ports.stacks.find(fence))?.status ?? 'not there';
  const settled = fact(`the stack ${fence}`, status, isComplete(status) ? status : 'complete');
  if (!settled.holds) return [settled];
  const template = (await ports.stacks.template(fence)) as
    | { Resources?: Record<string, RolePolicy> }
    | undefined;
  const policies = Object.values(template?.Resources ?? {});
  const roles = new Set(Object.values(settings.sides[side].environments).map((each) => each.instanceRole));
  return [
    settled,
    ...[...roles].map((role) => {
      const denied = policies.some((policy) => denies(settings, policy, role));
      return fact(`the payment parameters to ${role}`, denied ? 'denied' : 'not denied', 'denied');
    }),
  ];
}

function denies(settings: Settings, { Type, Properties }: RolePolicy, role: string): boolean {
  if (Type !== 'AWS::IAM::RolePolicy' || Properties.RoleName !== role) return false;
  const payments = settings.variables.payments.map((name) =>
    parameterArn(settings, parameterNames(settings).secret(name)),
  );
  return Properties.PolicyDocument.Statement.some(
    ({ Effect, Action, Resource }) =>
      Effect === 'Deny' &&
      Action.includes('ssm:GetParameter') &&
      payments.every((payment) => Resource.includes(payment)),
  );
}

/** Whether no instance of a side is there, by its groups and its environments, and none can come. */
export async function emptiedEvidence(ports: Ports, side: Side): Promise<Evidence[]> {
  const each = environmentNames(ports.settings, side).map(async (name) => {
    const environment = await ports.environments.state(name);
    if (!environment) return [fact(`the environment ${name}`, 'not there', 'not there')];
    const { autoScalingGroup: group, instances } = environment;
    const members = group ? await ports.scalingGroups.instances(group) : [];
    const suspended = group ? await ports.scalingGroups.suspended(group) : launching;
    const left = [...new Set([...members, ...instances])].sort();
    const held = launching.every((process) => suspended.includes(process));
    return [
      fact(`the instances of ${name}`, left.join(', ') || 'none', 'none'),
      fact(`what ${name} may launch`, held ? 'nothing' : 'instances', 'nothing'),
    ];
  });
  return (await Promise.all(each)).flat();
}

/** Asked from the other side, since nothing of this one is left to ask from. */
async function sessionEvidence(ports: Ports, record: UpgradeRecord, side: Side): Promise<Evidence[]> {
  const { settings } = ports;
  const { database } = posture(settings, record, resolveWords(record.posture, {})).sides[side];
  if (!database?.endpoint) return [];
  const instance = await chooseInstance(ports, otherSide(side));
  const sessions = await onInstance(
    ports,
    instance,
    'sessions-of',
    loginArguments(settings, database.endpoint, 'writer'),
  );
  const what = `sessions of ${settings.database.writer.user} on ${database.id} that are not the tool's`;
  return [fact(what, sessions.join(', ') || 'none', 'none')];
}
