import type { UpgradeError } from '../../lib/runbook/errors';
import { readLock, unlock } from '../../lib/runbook/lock-file';
import type { Side } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { fenceByForce } from '../../lib/upgrade/side/fence-by-force';
import { releaseJobs, stopJobs } from '../../lib/upgrade/side/jobs';
import { replaceLost } from '../../lib/upgrade/stacks/replace-lost';

/** What a person types without the tool, by the name of the stack. */
interface ByHand {
  continueRollback(stack: string): Promise<unknown>;
  deleteStack(stack: string): Promise<unknown>;
}

export type Mending = (ports: Ports, byHand: ByHand) => Promise<unknown>;

const jobs: Record<string, (ports: Ports, side: Side) => Promise<unknown>> = {
  replace: replaceLost,
  release: releaseJobs,
  stop: stopJobs,
};

/** What an operator types who is told to, or who looks it up in docs/what-if.md. */
export function mendingOf({ code, text }: UpgradeError): Mending | undefined {
  if (code === 'JOURNAL_UNREADABLE') return giveUpRun;
  const [, loser] = /npm run fence -- --side (blue|green) --confirm /.exec(text.next) ?? [];
  if (code === 'STACK_FAILED' && loser) return (ports) => fenceByForce(ports, loser as Side);
  const [, stack] = /continue-update-rollback --stack-name (\w+)/.exec(text.next) ?? [];
  const onSide = jobsOf(text.next);
  if (stack)
    return async (ports, byHand) => {
      await onSide?.(ports, byHand);
      await byHand.continueRollback(stack);
    };
  const [, doomed] = /delete-stack --stack-name (\w+)/.exec(text.next) ?? [];
  if (code === 'RESTORE_FAILED' && doomed) return (_, { deleteStack }) => deleteStack(doomed);
  return onSide;
}

/** What the text says to do with a side's jobs. */
export function jobsOf(text: string): Mending | undefined {
  const [, verb, side] = /npm run jobs -- (replace|release|stop) --side (blue|green)/.exec(text) ?? [];
  return verb && side ? (ports) => jobs[verb]!(ports, side as Side) : undefined;
}

/** `npm run unlock -- --confirm RUN --end`; resolves to the run. */
export async function giveUpRun({ objects, clock }: Ports): Promise<string | undefined> {
  const found = await readLock(objects);
  if (!found) return undefined;
  const by = { who: 'ada', host: 'laptop of ada', pid: 1 };
  await unlock(objects, clock, found, { state: 'free', by, reason: 'npm run unlock' });
  return found.lock.run;
}
