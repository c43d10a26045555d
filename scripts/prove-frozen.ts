import { exitCodes } from '../lib/runbook/errors';
import { type Evidence, type FrozenResult, proveFrozen } from '../lib/upgrade/database/prove-frozen';
import { main, type Script } from './terminal/command';
import { table } from './terminal/table';

const heading = ['WHAT', 'OBSERVED', 'EXPECTED'];

/** One row for all observations of a kind that say the same, with how many they are. */
function grouped(evidence: Evidence[]): string[][] {
  const rows = new Map<string, [row: string[], count: number]>();
  for (const { kind, observed, expected } of evidence) {
    const row = [kind, observed, expected];
    const key = row.join('\n');
    rows.set(key, [row, (rows.get(key)?.[1] ?? 0) + 1]);
  }
  return [...rows.values()].map(([[kind, ...rest], count]) => [
    count > 1 ? `${kind} (${count})` : kind!,
    ...rest,
  ]);
}

export const script: Script<object, FrozenResult> = {
  name: 'prove-frozen',
  description:
    'Proves that nobody can write to the live side and that it holds no payment keys; exits with 3 if not.',
  act: async ({ ports }) => proveFrozen(await ports()),
  print: ({ holds, evidence }) => {
    if (holds)
      return `${table(heading, grouped(evidence))}\n\nFrozen: all ${evidence.length} observations hold.`;
    const violated = evidence.filter((each) => !each.holds);
    const rows = violated.map(({ what, observed, expected }) => [what, observed, expected]);
    return `${table(heading, rows)}\n\nNOT frozen: ${rows.length} of ${evidence.length} observations do not hold.`;
  },
  exitCode: ({ holds }) => (holds ? exitCodes.done : exitCodes.precondition),
};

if (require.main === module) main(script);
