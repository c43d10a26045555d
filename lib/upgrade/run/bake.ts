import { databaseOf } from '../../record';
import { described, lostRows } from '../../report/activity';
import { describe } from '../../runbook/carry-out';
import { StepFailedError, UpgradeError } from '../../runbook/errors';
import type { Evidence } from '../../runbook/step';
import type { Side } from '../../settings';
import { countActivity } from '../database/count-activity';
import type { Ports } from '../ports';
import { environmentNames } from '../side/choose-instance';
import { smokeByNames } from '../side/smoke';
import { visitorsWelcome } from '../side/visitors';

/** The first minutes of a side that people were just let in on, while the other side is still warm. */

const minuteMs = 60_000;
/** An instance that is replaced, or one error among few requests, is no reason to go back. */
const patienceMinutes = 3;
const mostErrorsPercent = 5;
const offerEveryMinutes = 5;

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-status.html */
const healthy = new Set(['Ok', 'Info', 'Warning', 'Pending', 'Green', 'Yellow']);
/**
 * What a database is called that serves: backups and changes of its storage go on beside.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
 */
const serving = new Set([
  'available',
  'backing-up',
  'configuring-enhanced-monitoring',
  'configuring-log-exports',
  'modifying',
  'storage-optimization',
  'storage-initialization',
]);

/** Watches a side that was opened. It keeps in mind since when something is wrong, and what it told last. */
export class Bake {
  private troubledSinceMs: number | undefined;
  private offeredAtMs: number | undefined;

  constructor(
    private readonly ports: Ports,
    private readonly sides: { opened: Side; warm: Side },
  ) {}

  /**
   * Whether people are served well now: what Elastic Beanstalk says, the share of requests that fail, the smoke checks, and
   * the database.
   * @throws StepFailedError BAKE_TROUBLED when they have not been for minutes
   */
  async look(): Promise<Evidence[]> {
    const seen = await this.seen();
    const wrong = seen.filter(({ holds }) => !holds);
    const nowMs = this.ports.clock.now().getTime();
    if (wrong.length === 0) {
      this.troubledSinceMs = undefined;
      await this.offer(nowMs);
      return seen;
    }
    this.troubledSinceMs ??= nowMs;
    if (nowMs - this.troubledSinceMs < patienceMinutes * minuteMs) return seen;
    throw await this.trouble(wrong);
  }

  /** How long it has been open, by the record: whoever goes on after a crash goes on counting. */
  async lasted(minutes: number): Promise<Evidence[]> {
    const sinceMs = (await this.ports.record.unchangedSince()).getTime();
    const passed = Math.floor((this.ports.clock.now().getTime() - sinceMs) / minuteMs);
    const what = `how long ${this.sides.opened} has been open`;
    const expected = `${minutes} minutes`;
    return [{ what, observed: `${Math.min(passed, minutes)} minutes`, expected, holds: passed >= minutes }];
  }

  private async seen(): Promise<Evidence[]> {
    const { ports, sides } = this;
    const names = environmentNames(ports.settings, sides.opened);
    const looks = await Promise.all([
      ...names.map((name) => healthEvidence(ports, name)),
      visitorsWelcome(ports),
      smokeByNames(ports, false),
      databaseEvidence(ports, sides.opened),
    ]);
    return looks.flat();
  }

  private async trouble(wrong: Evidence[]): Promise<StepFailedError> {
    const { opened, warm } = this.sides;
    return new StepFailedError('BAKE_TROUBLED', {
      so: `${opened} is open and has not served people well for ${patienceMinutes} minutes: ${wrong.map(describe).join('; ')}. Going back to ${warm} now: ${await this.loss()}.`,
      changed: 'Watching changed nothing: everybody is let in still.',
      next: 'Decide: npm run failback goes back, and has what is lost confirmed; or mend it, and run the same command again: it goes on watching.',
    });
  }

  /** While it loses little, whoever watches may think better of it. */
  private async offer(nowMs: number): Promise<void> {
    if (this.offeredAtMs !== undefined && nowMs - this.offeredAtMs < offerEveryMinutes * minuteMs) return;
    this.offeredAtMs = nowMs;
    const { opened, warm } = this.sides;
    this.ports.progress(
      `${opened} serves people well. Going back to ${warm} (Ctrl-C, then npm run failback): ${await this.loss()}.`,
    );
  }

  /** What would be lost by going back now, and whether the old side could serve at once. */
  private async loss(): Promise<string> {
    const { ports, sides } = this;
    try {
      const activity = await countActivity(ports);
      const lost = activity
        ? `${lostRows(ports.settings, activity)} rows would be lost (${described(ports.settings, activity)})`
        : 'what would be lost cannot be counted';
      return `${lost}; ${await warmth(ports, sides.warm)}`;
    } catch (error) {
      if (!(error instanceof UpgradeError)) throw error;
      return `what would be lost cannot be counted now (${error.text.so})`;
    }
  }
}

/** Of an environment with basic health only its colour is known. */
async function healthEvidence({ environments }: Ports, name: string): Promise<Evidence[]> {
  const found = await environments.health(name);
  const { status = 'no health', causes = [], failedPercent = 0 } = found ?? {};
  return [
    {
      what: `the health of ${name}`,
      observed: [status, ...causes].join(': '),
      expected: 'Ok',
      holds: healthy.has(status),
    },
    {
      what: `requests that ${name} fails`,
      observed: `${failedPercent} %`,
      expected: `at most ${mostErrorsPercent} %`,
      holds: failedPercent <= mostErrorsPercent,
    },
  ];
}

async function databaseEvidence({ databases, record }: Ports, side: Side): Promise<Evidence[]> {
  const { id } = databaseOf(await record.recorded(), side)!;
  const { status = 'not there' } = (await databases.find(id)) ?? {};
  return [
    { what: `the database ${id}`, observed: status, expected: 'available', holds: serving.has(status) },
  ];
}

/** A side that lost serves again within minutes while its instances and its database are there. */
async function warmth({ settings, environments, databases, record }: Ports, side: Side): Promise<string> {
  const found = await Promise.all(environmentNames(settings, side).map((name) => environments.state(name)));
  const id = databaseOf(await record.recorded(), side)?.id;
  const database = id === undefined ? undefined : await databases.find(id);
  const isWarm =
    serving.has(database?.status ?? '') &&
    found.every((each) => each?.status === 'Ready' && each.instances.length > 0);
  return isWarm ? `${side} is warm` : `${side} is not warm: it takes longer`;
}
