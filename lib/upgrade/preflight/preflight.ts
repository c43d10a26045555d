import { nothing, PreconditionError, UpgradeError, UsageError } from '../../runbook/errors';
import type { Ports } from '../ports';
import * as account from './account';
import * as certificates from './certificates';
import { type Check, type Finding, finding, Survey, type Window } from './check';
import * as databases from './databases';
import * as environments from './environments';
import * as instances from './instances';

/** What one check came to. */
export interface Checked {
  id: string;
  title: string;
  holds: boolean;
  findings: Finding[];
}

/**
 * Repeats every check, and changes nothing. What cannot be asked is a fault by its name; the others are asked all the same.
 * @param only the ids of some checks, without which all are repeated
 */
export async function preflight(ports: Ports, window: Window, only?: string[]): Promise<Checked[]> {
  const all = checks(new Survey(ports, window));
  return Promise.all(all.filter(({ id }) => only?.includes(id) ?? true).map(carryOut));
}

/**
 * What a run asks before it begins.
 * @throws PreconditionError PREFLIGHT with every fault
 */
export async function requirePreflight(ports: Ports, window: Window, only?: string[]): Promise<void> {
  requireNone(await preflight(ports, window, only));
}

/** @throws PreconditionError PREFLIGHT with every fault */
export function requireNone(checked: Checked[]): void {
  const faults = faultsOf(checked);
  if (faults.length === 0) return;
  const lines = faults.map(({ what, observed, expected }) => `  ${what}: ${observed}, not ${expected}`);
  throw new PreconditionError('PREFLIGHT', {
    so: `Preflight found ${faults.length} fault(s):\n${lines.join('\n')}\n`,
    next: 'Mend them: npm run preflight says how. Then run the same command again. What you have looked at and accept, a cutover is told with --accept CHECK.',
  });
}

export const faultsOf = (checked: Checked[]): Finding[] =>
  checked.flatMap(({ findings }) => findings.filter(({ holds }) => !holds));

const checks = (survey: Survey): Check[] => [
  account.credentials(survey),
  account.posture(survey),
  account.stacks(survey),
  account.secrets(survey),
  environments.ready(survey),
  environments.cnames(survey),
  environments.versions(survey),
  environments.platforms(survey),
  environments.managedUpdates(survey),
  environments.roles(survey),
  environments.doors(survey),
  certificates.certificates(survey),
  instances.instances(survey),
  databases.source(survey),
  instances.storage(survey),
  databases.conversion(survey),
  databases.copy(survey),
  databases.preparation(survey),
  databases.quotas(survey),
  account.records(survey),
  account.answers(survey),
];

/** The names of all, in their order. */
export const checkIds = checks(new Survey({} as Ports, { from: new Date(0), minutes: 0 })).map(
  ({ id }) => id,
);

/**
 * For checks that a person accepts the faults of.
 * @throws UsageError CHECK_UNKNOWN for an id of none
 */
export function requireKnown(ids: string[]): void {
  const unknown = ids.filter((id) => !checkIds.includes(id));
  if (unknown.length > 0)
    throw new UsageError('CHECK_UNKNOWN', {
      so: `There is no check ${unknown.join(', ')}; there are ${checkIds.join(', ')}.`,
      changed: nothing,
      next: 'Give --accept the name that npm run preflight shows.',
    });
}

async function carryOut({ id, title, look }: Check): Promise<Checked> {
  const findings = await look().catch((error) => [unasked(title, error)]);
  return { id, title, holds: findings.every(({ holds }) => holds), findings };
}

/** What AWS refuses is an answer too; what is none is a fault of the tool. */
function unasked(title: string, error: unknown): Finding {
  const next = 'Mend what it says, then run npm run preflight again.';
  if (error instanceof UpgradeError) return finding(title, error.text.so, 'can be asked', error.text.next);
  const { name, message, $fault } = error as { name: string; message: string; $fault?: string };
  if ($fault) return finding(title, `AWS refused: ${name}: ${message}`, 'can be asked', next);
  throw error;
}
