import { stackNames } from '../lib/names';
import { UsageError } from '../lib/runbook/errors';
import { otherSide, type Settings, type Side } from '../lib/settings';
import { environmentNames } from '../lib/upgrade/side/choose-instance';
import { type ForcedFence, fenceByForce } from '../lib/upgrade/side/fence-by-force';
import { main, type Script, sideWord } from './terminal/command';
import { table } from './terminal/table';

interface Options {
  side: Side;
  confirm: string;
}

type Result = ForcedFence & { next: string };

export const script: Script<Options, Result> = {
  name: 'fence',
  description:
    'Fences a side by force, when its stack or an environment cannot be updated: closes its door, denies it the payment keys, ends every instance of it, and proves that it can neither charge nor write. Whoever is on it is cut off.',
  options: (command) =>
    command
      .requiredOption('--side <side>', 'blue or green: the side that loses', sideWord)
      .requiredOption('--confirm <environment>', 'the name of its environment that takes payments'),
  act: async ({ options: { side, confirm }, settings, ports }) => {
    requireConfirmed(settings, side, confirm);
    return { ...(await fenceByForce(await ports(), side)), next: nextOf(settings, side) };
  },
  print: ({ side, already, evidence, next }) =>
    `${table(
      ['WHAT', 'OBSERVED'],
      evidence.map(({ what, observed }) => [what, observed]),
    )}\n\nThe side ${side} is fenced by force${already ? ', as before' : ''}. ${next}`,
};

/** A person who names it knows whom they cut off. */
function requireConfirmed(settings: Settings, side: Side, confirm: string): void {
  const [name] = environmentNames(settings, side);
  if (confirm === name) return;
  throw new UsageError('NOT_CONFIRMED', {
    so: `The environment of ${side} that takes payments is ${name}, not ${confirm}.`,
    changed: 'Nothing was changed.',
    next: `If every visitor of ${side} is to be cut off: npm run fence -- --side ${side} --confirm ${name}`,
  });
}

/** The stack of the fenced side is left out until it can be updated. */
function nextOf(settings: Settings, side: Side): string {
  const names = stackNames(settings);
  return [
    `Then deploy the other side and the names alone: npx cdk deploy ${names.side(otherSide(side))} ${names.traffic} --exclusively with the words of the move.`,
    `When ${side} can be updated again, deploy ${names.side(side)}, so that what is launched obeys it. Its groups stay empty until npm run jobs -- release --side ${side}, which gives them their sizes back; npm run status lists what is missing till then.`,
  ].join('\n');
}

if (require.main === module) main(script);
