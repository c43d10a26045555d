import { hasPreviews, liveHosts, previewHosts, stackNames } from '../../names';
import { StepFailedError, UpgradeError } from '../../runbook/errors';
import type { Evidence } from '../../runbook/step';
import { poll } from '../poll';
import { environmentNames } from '../side/choose-instance';
import { emptiedEvidence } from '../side/fence-by-force';
import { releaseJobs, stopJobs } from '../side/jobs';
import { noKeysEvidence } from '../side/side-evidence';
import { isRefusal } from '../side/visitors';
import { deployUntil } from '../stacks/deploy-until';
import { declaredIn, type Night, readsUntilEverywhere, wordsOf } from './night';

/**
 * Opens the old side again, at any point before people are on the new one. Behind a closed door, its jobs at rest, a side
 * cannot charge whatever its processes hold: so the old side is made ready and let open while the new one still holds
 * keys, and the new one is fenced before this ends. The new side may have failed: nothing before the opening needs it.
 * @throws StepFailedError DEPLOY_FAILED, STILL_WAITING for a door that lets somebody in, KEYS_STILL_HELD
 */
export async function openAgain(night: Night): Promise<void> {
  const { ports, from, to } = night;
  const names = stackNames(ports.settings);
  const words = wordsOf(night, 'open');
  const { live, access } = (await ports.record.recorded()).posture;
  if (live !== from || access !== 'open')
    await deployUntil(ports, names.door, { live, access: 'frozen', reassert: false });
  // Of a side that cannot be looked at its jobs were at rest before, and it may launch nothing.
  const unproved = await stopJobs(ports, to).then(() => undefined, onlyTold);
  await releaseJobs(ports, from);
  const ready = async () => {
    for (const stack of [names.fence, names.side(from)]) await deployUntil(ports, stack, words);
  };
  const previews = hasPreviews(ports.settings, to) ? previewHosts(ports.settings, to) : [];
  const namesBack = async () => {
    // Under no name of its own the new side is asked by those that lead to it still.
    if (previews.length === 0) await untilClosed(night, liveHosts(ports.settings));
    await deployUntil(ports, names.traffic, words);
  };
  await all([ready(), namesBack(), untilClosed(night, previews)]);
  await deployUntil(ports, names.door, words);
  // A side that was fenced by force meanwhile need not be fenced gently too.
  if ((await emptiedEvidence(ports, to)).every(({ holds }) => holds)) return;
  try {
    await deployUntil(ports, names.side(to), words);
    if (unproved) await stopJobs(ports, to);
    await requireNoKeys(night);
  } catch (error) {
    throw openedUnfenced(night, onlyTold(error));
  }
}

/** Whoever reads of a failure of the new side must know that people are served. */
function openedUnfenced({ from, to }: Night, error: UpgradeError): StepFailedError {
  const changed = `${from} is open again, without its jobs yet; ${to} is not fenced, but its door is closed. ${error.text.changed}`;
  return new StepFailedError(error.code, { ...error.text, changed }, { cause: error });
}

function onlyTold(error: unknown): UpgradeError {
  if (error instanceof UpgradeError) return error;
  throw error;
}

/** What was begun is waited for, whatever fails beside it. */
async function all(works: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Asked from outside until the change of the door is everywhere. A side that holds no keys needs no proof. */
async function untilClosed(night: Night, hosts: string[]): Promise<void> {
  const { ports, to } = night;
  if (hosts.length === 0 || (await keysHeld(night)).length === 0) return;
  let inARow = 0;
  const until = `the door of ${to} refuses everybody`;
  await poll(ports, { until, everyMs: 3_000, forMs: 20 * 60_000 }, async () => {
    const answers = await Promise.all(hosts.map((host) => ports.outside.ask(host, '/')));
    inARow = answers.every(isRefusal) ? inARow + 1 : 0;
    return inARow >= readsUntilEverywhere ? true : undefined;
  });
}

async function keysHeld(night: Night): Promise<Evidence[]> {
  const { declared } = await declaredIn(night, 'open');
  return (await noKeysEvidence(night.ports, declared, night.to)).filter(({ holds }) => !holds);
}

async function requireNoKeys(night: Night): Promise<void> {
  const { to, ports } = night;
  const held = await keysHeld(night);
  if (held.length === 0) return;
  const [paying] = environmentNames(ports.settings, to);
  throw new StepFailedError('KEYS_STILL_HELD', {
    so: `${to} has not given up the payment keys: ${held.map(({ what, observed }) => `${what}: ${observed}`).join('; ')}.`,
    changed: 'Behind a closed door nobody can pay there.',
    next: `Run the same command again. If it stays so: npm run fence -- --side ${to} --confirm ${paying}`,
  });
}
