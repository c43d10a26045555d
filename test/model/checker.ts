/** Explores every state that can be reached, the nearest first, so that a counterexample is as short as there is one. */

export interface Move<State> {
  name: string;
  to: State;
  /** Something that goes wrong, or that somebody else does: what ends by itself must end without it. */
  fault?: boolean;
}

export interface Model<State> {
  initial: State;
  /** The same for states that are the same. */
  key(state: State): string;
  moves(state: State): Promise<Move<State>[]> | Move<State>[];
  /** What must be so in every state: what is not, in words; undefined where it holds. */
  properties: Record<string, (state: State) => string | undefined>;
  /** Where a run should end; from everywhere a way without faults must lead there. */
  isGoal(state: State): boolean;
  /** By at most so many moves. */
  bound: number;
}

export interface Counterexample {
  property: string;
  evidence: string;
  moves: string[];
}

export interface Explored {
  states: number;
  transitions: number;
  /** The longest of the shortest ways without faults to where a run should end. */
  furthest: number;
  broken: Counterexample | undefined;
}

export const endsWell = 'from every state a way without faults leads to a wanted end';

interface Reached<State> {
  state: State;
  from: string | undefined;
  by: string;
}

/** Stops at the first state in which a property does not hold. */
export async function explore<State>(model: Model<State>): Promise<Explored> {
  const first = model.key(model.initial);
  const reached = new Map<string, Reached<State>>([
    [first, { state: model.initial, from: undefined, by: '' }],
  ]);
  /** Where a move without a fault comes from, by where it leads. */
  const before = new Map<string, string[]>();
  let transitions = 0;
  const waiting = [first];
  const brokenIn = (state: State) => {
    for (const [property, look] of Object.entries(model.properties)) {
      const evidence = look(state);
      if (evidence !== undefined) return { property, evidence };
    }
    return undefined;
  };
  const told = (broken?: Counterexample, furthest = 0) => ({
    states: reached.size,
    transitions,
    furthest,
    broken,
  });
  // A list that grows while it is walked: nearest first.
  for (const key of waiting) {
    for (const { name, to, fault } of await model.moves(reached.get(key)!.state)) {
      const next = model.key(to);
      transitions += 1;
      // Looked at on every way, for a property may speak of how a state was reached.
      const broken = brokenIn(to);
      if (broken) return told({ ...broken, moves: [...wayTo(reached, key), name] });
      if (!fault)
        before
          .set(next, before.get(next) ?? [])
          .get(next)!
          .push(key);
      if (reached.has(next)) continue;
      reached.set(next, { state: to, from: key, by: name });
      waiting.push(next);
    }
  }
  const ends = waiting.filter((key) => model.isGoal(reached.get(key)!.state));
  const away = distances(ends, before);
  const stuck = waiting.find((key) => (away.get(key) ?? Number.POSITIVE_INFINITY) > model.bound);
  const furthest = Math.max(0, ...away.values());
  if (stuck === undefined) return told(undefined, furthest);
  const evidence = away.has(stuck) ? `it takes ${away.get(stuck)} moves` : 'none does';
  return told({ property: endsWell, evidence, moves: wayTo(reached, stuck) }, furthest);
}

/** How many moves each state is away from an end, walked backwards. */
function distances(ends: string[], before: Map<string, string[]>): Map<string, number> {
  const away = new Map(ends.map((key) => [key, 0]));
  const waiting = [...ends];
  for (const key of waiting)
    for (const each of before.get(key) ?? [])
      if (!away.has(each)) {
        away.set(each, away.get(key)! + 1);
        waiting.push(each);
      }
  return away;
}

function wayTo<State>(reached: Map<string, Reached<State>>, key: string): string[] {
  const moves: string[] = [];
  for (let at = reached.get(key)!; at.from !== undefined; at = reached.get(at.from)!) moves.unshift(at.by);
  return moves;
}

/** A counterexample as people read it. */
export function story({ property, evidence, moves }: Counterexample): string {
  const steps = moves.map((move, index) => `${String(index + 1).padStart(4)}  ${move}`);
  return [`Broken: ${property}`, `  ${evidence}`, 'after these moves:', ...steps].join('\n');
}
