import { lostRows } from '../../report/activity';
import { DeclinedError, LockHeldError, UpgradeError } from '../../runbook/errors';
import { readJournal } from '../../runbook/journal';
import { readLock } from '../../runbook/lock-file';
import { attemptsOf, confirmed } from '../../runbook/standing';
import { countActivity } from '../database/count-activity';
import type { Ports } from '../ports';

/** What is no failure of the night: a person stopped it or said no, or somebody else drives it. */
const persons = new Set(['STOPPED', 'LOCK_LOST']);

/**
 * Why a night that ended with this error is not gone back on by itself; undefined when it is. Only from the outage on, and
 * only while nothing that people did can be lost: nobody was let in on the new side, and no row of people's is there.
 */
export async function whyNotByItself(ports: Ports, error: unknown): Promise<string | undefined> {
  const isExpired = error instanceof DeclinedError && error.code === 'GATE_EXPIRED_BACK';
  const isPersons = error instanceof UpgradeError && persons.has(error.code);
  if (isPersons || (error instanceof DeclinedError && !isExpired) || error instanceof LockHeldError)
    return 'a person decided, or somebody else drives the run.';
  const lock = (await readLock(ports.objects))?.lock;
  if (lock?.state !== 'kept' || lock.runbook !== 'cutover') return 'no cutover is unfinished.';
  const entries = await readJournal(ports.objects, lock.run);
  if (!confirmed(entries, 'begin')) return 'the outage has not begun.';
  const { to } = ports.settings.upgrade;
  const { live, access } = (await ports.record.recorded()).posture;
  if ((live === to && access === 'open') || attemptsOf(entries, 'open-door') > 0)
    return `people may be on ${to} already. npm run failback counts what they did, and asks.`;
  return whatIsLost(ports);
}

/** Testers may have left rows that nobody named them for. */
async function whatIsLost(ports: Ports): Promise<string | undefined> {
  const { to } = ports.settings.upgrade;
  try {
    const activity = await countActivity(ports);
    const lost = activity ? lostRows(ports.settings, activity) : 0;
    return lost === 0 ? undefined : `${lost} rows of people's on ${to} would be lost. npm run failback asks.`;
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    return `what people did on ${to} cannot be counted (${error.text.so}). npm run failback asks.`;
  }
}
