import { cname } from '../../names';
import { posture, resolveWords } from '../../posture';
import { PreconditionError } from '../../runbook/errors';
import type { Settings, Side } from '../../settings';
import { probeRecords, type Way } from '../adopt/probe-records';
import type { Ports } from '../ports';
import { beanstalkZone } from '../stacks/repair';
import type { Answers } from './answers';
import { probeVariables } from './probe-variables';

const adopted: Record<Way, Answers['adoptsRecords']> = { alias: 'aliases', addresses: 'plain addresses' };

/**
 * Asks the account itself what AWS's pages leave open, with a record and a stack that nobody uses and two variables of an
 * environment that nobody uses, and records the answers. What a probe left that was cut off is taken away first.
 * @throws PreconditionError PROBE_NEEDS_FENCED_SIDE
 */
export async function probe(ports: Ports): Promise<Answers> {
  const { settings, clock, record } = ports;
  const side = settings.upgrade.to;
  await requireUnused(ports, side);
  const role = quietRole(settings);
  const { name } = settings.sides[side].environments[role]!;
  const variables = await probeVariables(ports, name);
  const way = await probeRecords(ports, {
    name: cname(settings, side, role),
    zoneId: beanstalkZone(settings.region),
  });
  const found: Answers = {
    askedAt: clock.now().toISOString(),
    ...variables,
    adoptsRecords: way ? adopted[way] : 'none',
  };
  await record.writeAnswers(found);
  return found;
}

/** A role that takes no payments, where there is one. */
function quietRole({ roles }: Settings): string {
  const names = Object.keys(roles);
  return names.find((role) => !roles[role]!.payments) ?? names[0]!;
}

/** Its processes are started anew twice: of a side that people use that would be an outage. */
async function requireUnused({ settings, record: store, environments }: Ports, side: Side): Promise<void> {
  const record = await store.read();
  const { state, environments: declared } = posture(settings, record, resolveWords(record.posture, {})).sides[
    side
  ];
  const names = Object.values(declared).map(({ name }) => name);
  const missing = (await Promise.all(names.map((name) => environments.state(name)))).includes(undefined);
  if (!missing && (state === 'prepared' || state === 'fenced')) return;
  throw new PreconditionError('PROBE_NEEDS_FENCED_SIDE', {
    so: missing
      ? `The environments of ${side} are not there: nothing is probed on a side that people use.`
      : `${side} is ${state}: nothing is probed on a side that people use.`,
    next: 'Run npm run prep first, then npm run preflight -- --probe.',
  });
}
