import { isDeepStrictEqual } from 'node:util';
import { type Change, changesBetween } from './changes';
import { type AcceptedChange, type Danger, dangersOf, isAccepted } from './dangers';
import { type Direction, isGivenUp } from './situations';
import { pairs, type Stacks, type Stated } from './stated';
import type { Found } from './synthesis';

/** A dangerous change of a stack, and where it happens. */
export type StackDanger = Danger & { stack: string; where: Place[] };

/** A situation, and the one that a deploy comes from if it is another. */
export interface Place {
  direction: Direction;
  situation: string;
  from?: string;
}

export interface Judgement {
  findings: Found[];
  /** Changes that nobody accepted. */
  dangers: StackDanger[];
  accepted: AcceptedChange[];
  /** Accepted, and not met: they are where people deploy from already, or were never true. */
  unmet: AcceptedChange[];
  changes: Change[];
}

/**
 * Judges stacks as they are synthesised now beside those that were recorded, which is what exists.
 * @param existing what was recorded
 */
export function judge(
  existing: Stacks,
  now: Stacks,
  findings: Found[],
  accepted: AcceptedChange[],
): Judgement {
  const all = together([...sinceRecorded(existing, now), ...betweenPostures(now)]);
  const isMet = (change: AcceptedChange) => all.some((danger) => isAccepted(change, danger));
  return {
    findings,
    dangers: all.filter((danger) => !accepted.some((change) => isAccepted(change, danger))),
    accepted: accepted.filter(isMet),
    unmet: accepted.filter((change) => !isMet(change)),
    changes: changesBetween(existing, now),
  };
}

type Single = Danger & { stack: string; place: Place };

function sinceRecorded(existing: Stacks, now: Stacks): Single[] {
  return pairs(existing, now).flatMap(({ direction, stack, situation, before, after }) => {
    const isStillThere = Object.values(now[direction]).some((by) => situation in by);
    if (!before || !isStillThere) return [];
    return dangersOf(before, after).map((danger) => ({ ...danger, stack, place: { direction, situation } }));
  });
}

/** A deploy that moves from a posture to another costs nothing either. */
function betweenPostures(now: Stacks): Single[] {
  return Object.entries(now).flatMap(([direction, stacks]) =>
    Object.entries(stacks).flatMap(([stack, by]) => {
      const [first, ...others] = Object.entries(by).filter(([name]) => !isGivenUp(name));
      if (!first) return [];
      const [from, stated] = first as [string, Stated];
      return others.flatMap(([situation, other]) =>
        dangersOf(stated, other).map((danger) => ({
          ...danger,
          stack,
          place: { direction: direction as Direction, situation, from },
        })),
      );
    }),
  );
}

/** One and the same change in many situations is told once. */
function together(all: Single[]): StackDanger[] {
  const told: StackDanger[] = [];
  for (const { place, ...danger } of all) {
    const known = told.find(({ where: _, ...each }) => isDeepStrictEqual(each, danger));
    if (known) known.where.push(place);
    else told.push({ ...danger, where: [place] });
  }
  return told;
}
