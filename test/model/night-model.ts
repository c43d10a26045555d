import { cobalt } from '../support/upgrade';
import { type Explored, explore, type Model } from './checker';
import { hasPlain, moves, type Night, settled } from './night-moves';
import { nightSteps } from './night-steps';
import type { NightState } from './night-world';
import * as world from './night-world';

/** As the code has it, with nobody else about. */
export async function nightAsItIs(): Promise<Night> {
  return {
    settings: cobalt,
    isDisturbed: false,
    isDoorSlow: true,
    isJudged: true,
    statesNoKeys: true,
    ...(await nightSteps(cobalt, hasPlain)),
  };
}

export const nightProperties = [...world.invariants, world.servesWithKeys, world.leavesNoKeys];

/** @param faults what has gone wrong already, and does not any more */
export function exploreNight(night: Night, faults: string[] = []): Promise<Explored> {
  const isOver = ({ runbook, done }: NightState) => night[runbook].every(({ id }) => done.includes(id));
  const { from, to } = night.settings.upgrade;
  const invariants = world.invariants.map(
    (each) => [each, (state: NightState) => world.broken(night.settings, state, each)] as const,
  );
  const model: Model<NightState> = {
    initial: settled(night, { ...world.evening(night.settings), faults }),
    key: world.keyOf,
    moves: (state) => moves(night, state),
    properties: {
      ...Object.fromEntries(invariants),
      // A deploy of everything opens the winner's door first, and whoever comes early meets what is still there.
      ...(night.isDisturbed ? {} : { [world.servesWithKeys]: world.keyless }),
      [world.leavesNoKeys]: (state) => {
        const loser = state.runbook === 'cutover' ? from : to;
        return isOver(state) && state.sides[loser].keys ? `${loser} holds them` : undefined;
      },
    },
    isGoal: isOver,
    bound: 40,
  };
  return explore(model);
}
