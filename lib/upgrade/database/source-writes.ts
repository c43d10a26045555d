import type { DatabaseRecord, Recorded } from '../../record';
import { StepFailedError } from '../../runbook/errors';
import { loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';

/** How many rows were ever written to a database, as an instance that reaches it counts them. */
export async function countWrites(ports: Ports, instance: string, endpoint: string): Promise<number> {
  const lines = await onInstance(ports, instance, 'count-writes', [
    ...loginArguments(ports.settings, endpoint, 'writer'),
    '0',
  ]);
  const rows = lines.flatMap((line) => {
    const [, count] = /^after .+ (\d+)$/s.exec(line) ?? [];
    return count === undefined ? [] : [Number(count)];
  });
  if (rows.length === 0) throw uncounted(instance, lines);
  return rows.reduce((sum, each) => sum + each);
}

/**
 * Why a copy lacks rows: its source was written since the snapshot was started, as when somebody opened it meanwhile.
 * Undefined when it was not, or when that was not recorded.
 */
export async function whatWasWrittenSince(
  ports: Ports,
  record: Recorded,
  copy: DatabaseRecord,
  instance: string,
): Promise<string | undefined> {
  const source = record.databases.find(({ id }) => id === copy.source?.instance);
  if (copy.sourceWrites === undefined || !source?.endpoint) return undefined;
  const now = await countWrites(ports, instance, source.endpoint);
  if (now === copy.sourceWrites) return undefined;
  return `${source.id} counts ${now} rows ever written, and counted ${copy.sourceWrites} when the snapshot ${copy.snapshot} of it was started: ${copy.id} lacks what was written since.`;
}

/** The way out: opening the old side again gives up the copy that was made of it. */
export const anotherCopy = (live: string) =>
  `Make another copy: give this one up with npx cdk deploy --all -c live=${live} -c access=open, then freeze ${live} again.`;

function uncounted(instance: string, lines: string[]): StepFailedError {
  return new StepFailedError('WRITES_NOT_COUNTED', {
    so: `${instance} was asked how many rows were written and answered "${lines.join(' / ')}".`,
    changed: 'Nothing was changed.',
    next: 'Run the same command again.',
  });
}
