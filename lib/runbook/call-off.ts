import type { Run } from './carry-out';
import { having, stop } from './errors';
import { tell } from './operator';
import { plan } from './plan';
import type { Runbook } from './step';

/**
 * Takes back, the last first, every step that knows how, whoever did it: each undo is idempotent and proves itself, so a
 * second call goes on where the first one stopped. What people confirmed counts no more.
 */
export async function callOff(runbook: Runbook, run: Run): Promise<string[]> {
  const steps = plan(runbook).map(({ step }) => step);
  const undoable = steps.filter(({ undo }) => undo).reverse();
  // Whatever was taken back before may have changed anything.
  const isBegun = run.journal.entries.some(({ event }) => event === 'undone');
  if (undoable[0] && !isBegun) await run.watch.requireUnchanged(undoable[0]);
  for (const { id } of steps.filter(({ gate }) => gate))
    await run.journal.append({ event: 'undone', step: id });
  let stopped = false;
  run.operator.stopped.then(() => {
    stopped = true;
  });
  const undone: string[] = [];
  for (const step of undoable) {
    if (stopped) throw stop();
    await run.judged();
    await run.lock.check();
    tell(run, step, 'UNDOING', step.title);
    await having(`Taken back so far: ${undone.join(', ') || 'nothing'}.`, step.undo!);
    undone.push(step.id);
    await run.journal.append({ event: 'undone', step: step.id });
    run.happened();
    tell(run, step, 'UNDONE', step.title);
  }
  await run.judged();
  return undone;
}
