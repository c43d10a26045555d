import { exitCodes } from '../lib/runbook/errors';
import { type FrozenResult, proveFrozen } from '../lib/upgrade/prove-frozen';
import { main, type Script } from './command';
import { table } from './table';

export const script: Script<object, FrozenResult> = {
  name: 'prove-frozen',
  description:
    'Proves that nobody can write to the live side and that it holds no payment keys; exits with 3 if not.',
  act: async ({ ports }) => proveFrozen(await ports()),
  print: ({ holds, evidence }) => {
    const shown = evidence.filter((each) => holds || !each.holds);
    const rows = shown.map(({ what, observed, expected }) => [what, observed, expected]);
    const verdict = holds
      ? `Frozen: all ${evidence.length} observations hold.`
      : `NOT frozen: ${shown.length} of ${evidence.length} observations do not hold.`;
    return `${table(['WHAT', 'OBSERVED', 'EXPECTED'], rows)}\n\n${verdict}`;
  },
  exitCode: ({ holds }) => (holds ? exitCodes.done : exitCodes.precondition),
};

if (require.main === module) main(script);
