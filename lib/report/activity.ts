import { z } from 'zod';
import type { Settings } from '../settings';

/** What people did on the new side and would lose with it. */

const row = z.strictObject({
  table: z.string(),
  /** Its primary key. */
  key: z.string(),
  /** When it was made, as the database tells it in UTC; null where the table does not say. */
  at: z.string().nullable(),
  /** Whose it is, by the number people know themselves by. */
  number: z.string().nullable(),
  amount: z.string().nullable(),
  what: z.string().nullable(),
});
export const activityRow = row;
export type ActivityRow = z.output<typeof row>;

export const activityShape = z.strictObject({
  database: z.string(),
  source: z.string(),
  countedAt: z.iso.datetime(),
  rows: z.array(row),
});
export type Activity = z.output<typeof activityShape>;

export interface Tally {
  /** What its rows are, such as "entries". */
  kind: string;
  table: string;
  rows: number;
  /** Of these, the rows of named testers, which nobody misses. */
  testers: number;
  /** The sum of the other rows' amounts, in cents; undefined where the table has none. */
  cents: number | undefined;
  /** Whether the other rows are lost with the side. */
  isLost: boolean;
}

/** How much there is in each table, in the order of the settings. */
export function tallies({ activity }: Settings, { rows }: Activity): Tally[] {
  if (!activity) return [];
  const testers = new Set(activity.testers);
  return activity.tables.map(({ kind, table, amount, informs }) => {
    const own = rows.filter((each) => each.table === table);
    const others = own.filter(({ number }) => number === null || !testers.has(number));
    return {
      kind,
      table,
      rows: own.length,
      testers: own.length - others.length,
      cents: amount === undefined ? undefined : others.reduce((sum, each) => sum + centsOf(each.amount), 0),
      isLost: !informs,
    };
  });
}

/** How many rows of people would be lost: the number that a person must confirm. */
export function lostRows(settings: Settings, activity: Activity): number {
  const lost = tallies(settings, activity).filter(({ isLost }) => isLost);
  return lost.reduce((sum, { rows, testers }) => sum + rows - testers, 0);
}

/** One sentence, such as "3 entries (events_evententry), 2 payments (payments_membertransaction, -50.00)". */
export function described(settings: Settings, activity: Activity): string {
  const parts = tallies(settings, activity).flatMap(({ kind, table, rows, testers, cents }) => {
    const counted = rows - testers;
    if (counted === 0) return [];
    const amount = cents === undefined ? '' : `, ${money(cents)}`;
    return [`${counted} ${kind} (${table}${amount})`];
  });
  return parts.join(', ') || 'nothing';
}

/** A sum of money as people write it. */
export const money = (cents: number): string => (cents / 100).toFixed(2);

/** Exact: an amount is a decimal number with two places at most, or none. */
function centsOf(amount: string | null): number {
  return amount === null ? 0 : Math.round(Number(amount) * 100);
}
