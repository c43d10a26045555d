import { type Evidence, fact } from '../../runbook/step';
import { listed, loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { instanceNear } from '../side/choose-instance';
import { liveDatabase } from '../side/reader';

/** Longer than PostgreSQL keeps what a session wrote to itself before it counts it (10 s when idle). */
const restSeconds = 15;

/**
 * Whether rows are at rest on the live side's database and no transaction is open there, whatever its processes may do:
 * what a door that is closed and jobs that have ended come to. Changes nothing.
 */
export async function restingEvidence(ports: Ports): Promise<Evidence[]> {
  const { live, endpoint } = await liveDatabase(ports);
  const instance = await instanceNear(ports, live);
  const writer = loginArguments(ports.settings, endpoint, 'writer');
  const written = await rowsEvidence(ports, instance, writer);
  // Looked at last: what is open then may be written when it ends.
  const sessions = await onInstance(ports, instance, 'sessions-of', writer);
  const busy = sessions.filter((line) => !line.endsWith(' idle'));
  return [
    written,
    fact(
      `open transactions of ${ports.settings.database.writer.user} that are not the tool's`,
      busy.join(', ') || 'none',
      'none',
    ),
  ];
}

/** Whether the counts of written rows stay as they are for a while. */
export async function rowsEvidence(ports: Ports, instance: string, writer: string[]): Promise<Evidence> {
  ports.progress(`${instance}: watching the tables for ${restSeconds} seconds`);
  const counted = await onInstance(ports, instance, 'count-writes', [...writer, String(restSeconds)]);
  return fact(
    `tables written within ${restSeconds} seconds`,
    counted.includes('tracking on') ? movedTables(counted).join(', ') || 'none' : 'not counted',
    'none',
  );
}

/** The tables whose counts of written rows differ, with how many rows. */
export function movedTables(lines: string[]): string[] {
  const at = (moment: string) =>
    new Map(
      listed(lines, moment).flatMap((line) => {
        const [, table, rows] = /^(.+) (\d+)$/s.exec(line) ?? [];
        return table ? [[table, Number(rows)] as const] : [];
      }),
    );
  const [before, after] = [at('before'), at('after')];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((table) => before.get(table) !== after.get(table))
    .map((table) => `${table} (${(after.get(table) ?? 0) - (before.get(table) ?? 0)})`);
}
