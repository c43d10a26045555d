import { posture, resolveWords } from '../../posture';
import { callOff } from '../../runbook/call-off';
import { describe, type Run } from '../../runbook/carry-out';
import type { Entry } from '../../runbook/entry';
import { DeclinedError, PreconditionError, StepFailedError } from '../../runbook/errors';
import { ask } from '../../runbook/gate';
import { attemptsOf } from '../../runbook/standing';
import { type Evidence, fact, type Runbook } from '../../runbook/step';
import type { Ports } from '../ports';
import { runningEvidence } from '../side/jobs';
import { observeEnvironment } from '../side/observed';
import { namesEvidence, sideEvidence } from '../side/side-evidence';
import { isOpen } from './invariants';

/** Whoever opened the new side to people may have entries and payments there that the old side lacks. */
export async function takeBack(
  { ports, runbook }: { ports: Ports; runbook: Runbook },
  run: Run,
): Promise<void> {
  const { from, to } = ports.settings.upgrade;
  await requireNotOpened(ports, run.journal.entries);
  const gate = {
    will: [`Everything this run did is taken back, the last first; ${from} opens again on its own database.`],
    check: [`What was written on ${to} while it was tested stays there.`],
  };
  const step = runbook.steps.find(({ id }) => id === 'begin')!;
  if (!(await ask({ ...step, title: 'Call the upgrade off' }, gate, run)))
    throw new DeclinedError('GATE_DECLINED', {
      so: 'Calling off was not confirmed.',
      changed: 'Nothing was changed.',
      next: 'Run the same command again to be asked again, or go on without --call-off.',
    });
  await callOff(runbook, run);
  const left = (await openEvidence(ports)).filter(({ holds }) => !holds);
  if (left.length === 0) return;
  throw new StepFailedError('NOT_CALLED_OFF', {
    so: `Everything was taken back, and ${from} is not as before: ${left.map(describe).join('; ')}.`,
    changed: 'What was taken back stays so.',
    next: 'Look with npm run status, mend it, and run the same command again.',
  });
}

/** @throws PreconditionError ALREADY_OPEN */
export async function requireNotOpened(ports: Ports, entries: Entry[]): Promise<void> {
  const { from, to } = ports.settings.upgrade;
  if (!(await wasOpened(ports, entries))) return;
  throw new PreconditionError('ALREADY_OPEN', {
    so: `${to} was opened, or began to be: what people do there is only there.`,
    next: `Go on (npm run cutover), or go back to ${from}: npm run failback, which counts first what would be lost.`,
  });
}

/** By the record, by the journal, and by its doors: people may be there before it is recorded. */
async function wasOpened(ports: Ports, entries: Entry[]): Promise<boolean> {
  const { to } = ports.settings.upgrade;
  const record = await ports.record.read();
  if (record.posture.live === to && record.posture.access === 'open') return true;
  if (record.posture.live === to && attemptsOf(entries, 'open-door') > 0) return true;
  const declared = posture(ports.settings, record, resolveWords(record.posture, {}));
  const environments = Object.values(declared.sides[to].environments);
  const observed = await Promise.all(environments.map((each) => observeEnvironment(ports, to, each)));
  return observed.some((environment) => isOpen(ports.settings, environment));
}

/** Whether the old side is as it was before the night. */
export async function openEvidence(ports: Ports): Promise<Evidence[]> {
  const { from } = ports.settings.upgrade;
  const record = await ports.record.read();
  const { live, access } = record.posture;
  const declared = posture(ports.settings, record, resolveWords(record.posture, {}));
  return [
    fact('the recorded posture', `${live}/${access}`, `${from}/open`),
    ...(await sideEvidence(ports, declared, from)),
    ...(await namesEvidence(ports, declared)),
    ...(await runningEvidence(ports, from)),
  ];
}
