import { type BudgetStanding, type Estimate, estimate, standingOf } from '../../report/budget';
import type { Timings } from '../../report/forecast';
import { PreconditionError } from '../../runbook/errors';
import { readJournal } from '../../runbook/journal';
import { readLock } from '../../runbook/lock-file';
import type { Operator } from '../../runbook/operator';
import { confirmed } from '../../runbook/standing';
import type { Ports } from '../ports';
import { cutover } from '../runbooks/cutover';
import { failback } from '../runbooks/failback';
import { earlierTimings } from './earlier-timings';
import type { RunView } from './run-view';

/** For how long ordinary visitors may be refused, and what is expected of it. */
export interface Budget extends Estimate {
  minutes: number;
}

/** @param modelled whether minutes come from a sandbox; of AWS's and modelled ones only the same kind counts */
export async function budgetOf(ports: Ports, minutes: number, modelled: boolean): Promise<Budget> {
  const timings = (name: string) => earlierTimings(ports.objects, name, modelled);
  const [there, back] = await Promise.all([timings('cutover'), timings('failback')]);
  return plannedBudget(ports, minutes, there, back);
}

/** By the runbooks alone, where no earlier run is asked for. */
export function plannedBudget(
  ports: Ports,
  minutes: number,
  there: Timings = new Map(),
  back: Timings = new Map(),
): Budget {
  const cutting = { runbook: cutover(ports), timings: there };
  return { minutes, ...estimate(cutting, { runbook: failback(ports), timings: back }) };
}

/**
 * An outage that people say no to at its very end, and that is then gone back from, must fit too.
 * @throws PreconditionError OVER_BUDGET
 */
export function requireWithin({ minutes, outage, failback }: Budget): void {
  const all = Math.round((outage.minutes + failback.minutes) * 10) / 10;
  if (all <= minutes) return;
  throw new PreconditionError('OVER_BUDGET', {
    so: `The outage is expected to take ${outage.minutes} minutes without testing (${outage.from}), and a failback from its end ${failback.minutes} more (${failback.from}): ${all} together, and the budget is ${minutes}.`,
    next: `Give --budget ${Math.ceil(all)} and the minutes that people may test for, or make it shorter: npm run plan shows what makes it long.`,
  });
}

/** Whether an unfinished cutover has begun its outage: to refuse to go on with it would only make it longer. */
export async function outageGoesOn({ objects }: Ports): Promise<boolean> {
  const lock = (await readLock(objects))?.lock;
  if (!lock || lock.state === 'free' || lock.runbook !== 'cutover') return false;
  return confirmed(await readJournal(objects, lock.run), 'begin');
}

/** What is told once, when going on and going back do not both fit any more. */
export class BudgetWatch {
  /** @param warned whether an earlier process of the run has told it already */
  constructor(
    private readonly budget: Budget,
    private readonly view: Pick<RunView, 'live'>,
    private warned: boolean,
  ) {}

  /** What is to be told now, once. */
  look(): string | undefined {
    const standing = this.warned ? undefined : this.standing();
    if (!standing || standing.worstMinutes <= this.budget.minutes) return undefined;
    this.warned = true;
    return warning(standing, this.budget);
  }

  /** The same operator, who reads at each question how the outage stands. */
  over(operator: Operator): Operator {
    return {
      ...operator,
      confirm: (step, gate, withdrawn) => {
        const standing = this.standing();
        const told = standing ? [atGate(standing, this.budget)] : [];
        return operator.confirm(step, { ...gate, check: [...gate.check, ...told] }, withdrawn);
      },
    };
  }

  private standing(): BudgetStanding | undefined {
    const { report, forecast, now } = this.view.live();
    return standingOf(report, forecast, now, this.budget.failback.minutes);
  }
}

const callOff = 'Ctrl-C, then npm run cutover -- --call-off';

function warning(
  { spentMinutes, expectedMinutes, backMinutes }: BudgetStanding,
  { minutes, failback }: Budget,
): string {
  const fits =
    expectedMinutes <= minutes ? 'fits, but not with a way back after it' : 'does not fit any more';
  const still =
    backMinutes <= minutes
      ? `There is still time to go back: everybody is let in on the old side about ${failback.minutes} minutes later`
      : 'Going back does not fit either, and is as long from now on';
  return `Of the ${minutes} minutes of the budget ${spentMinutes} are over; the outage is expected to take ${expectedMinutes}, which ${fits}. ${still} (${callOff}).`;
}

function atGate({ spentMinutes, backMinutes }: BudgetStanding, { minutes, failback }: Budget): string {
  const leftMinutes = Math.floor(minutes - backMinutes);
  const until =
    leftMinutes > 0
      ? `for ${leftMinutes} minutes more going back (about ${failback.minutes}) stays within it`
      : `going back (about ${failback.minutes}) does not stay within it any more`;
  return `Visitors are refused for ${spentMinutes} minutes, of ${minutes} of the budget: ${until} (${callOff}).`;
}
