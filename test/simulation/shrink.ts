import { type Outcome, type Plan, play } from './night';

/** The fewest of a plan's faults that still break something, found by leaving out one after another. */
export async function shrunk(plan: Plan): Promise<Plan> {
  let smallest = plan;
  for (let place = 0; place < smallest.faults.length; ) {
    const without = { ...smallest, faults: smallest.faults.filter((_, index) => index !== place) };
    if (isBroken(await play(without))) smallest = without;
    else place++;
  }
  return smallest;
}

export const isBroken = ({ broken }: Outcome) => broken.length > 0;
