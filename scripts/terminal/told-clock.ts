import net from 'node:net';
import { createInterface } from 'node:readline';
import { type Activity, type Clock, type Passing, RunClock, wallClock } from '../../lib/runbook/clock';
import { PreconditionError } from '../../lib/runbook/errors';

/** On loopback it answers in a millisecond, unless the sandbox is busy with its databases. */
const patienceMs = 10_000;

/**
 * The clock of the sandbox at UPGRADE_CLOCK, or else this machine's.
 * @throws PreconditionError CLOCK_UNREACHABLE, CLOCK_WITHOUT_SANDBOX
 */
export async function clockFromVariables(): Promise<Clock> {
  const address = process.env.UPGRADE_CLOCK;
  if (!address) return wallClock;
  if (!process.env.AWS_ENDPOINT_URL)
    throw new PreconditionError('CLOCK_WITHOUT_SANDBOX', {
      so: "UPGRADE_CLOCK names a sandbox's clock, but AWS_ENDPOINT_URL is not set: there is nobody to tell the time.",
      next: 'Unset UPGRADE_CLOCK, or set all that the sandbox exports.',
    });
  try {
    return new RunClock(await connect(address));
  } catch (cause) {
    throw new PreconditionError(
      'CLOCK_UNREACHABLE',
      {
        so: `The sandbox's clock ${address} cannot be reached: ${(cause as Error).message}.`,
        next: 'Start the sandbox and read its exports again, then run the same command again.',
      },
      { cause },
    );
  }
}

/** The time that a sandbox tells; docs/sandbox.md has the messages. */
class ToldTime implements Passing {
  private aheadMs = Number.NEGATIVE_INFINITY;
  private said = '';
  private next: { atMs: number; due: () => void } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly socket: net.Socket) {}

  nowMs(): number {
    return Date.now() + this.aheadMs;
  }

  /** A timer of this machine as well: the process lives as long as it sleeps, and time passes by itself too. */
  wakeAt(atMs: number | undefined, activity: Activity, due: () => void): void {
    this.next = atMs === undefined ? undefined : { atMs, due };
    this.arm();
    if (activity === 'working') this.say({ work: true });
    else if (activity === 'resting' && atMs !== undefined) this.say({ rest: Math.ceil(atMs) });
    else this.say({ person: true });
  }

  hear(line: string): void {
    const { nowMs } = JSON.parse(line);
    if (typeof nowMs !== 'number') throw new Error(`it says ${line}`);
    // Time is skipped forwards only, and a message is a moment old: the furthest of all that were told is right.
    this.aheadMs = Math.max(this.aheadMs, nowMs - Date.now());
    this.arm();
  }

  private say(message: object): void {
    const line = `${JSON.stringify(message)}\n`;
    if (line !== this.said) this.socket.write(line);
    this.said = line;
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.next) this.timer = setTimeout(this.next.due, Math.max(0, this.next.atMs - this.nowMs()));
  }
}

/** Resolves once it has told the time. Its loss later is no fault here: whoever asks the sandbox next is told. */
function connect(address: string): Promise<Passing> {
  return new Promise((resolve, reject) => {
    const [, host = '', port] = /^(.+):(\d+)$/.exec(address) ?? [];
    const socket = net.connect({ host, port: Number(port), noDelay: true });
    const time = new ToldTime(socket);
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('it does not say the time')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it hung up')));
    const lines = createInterface({ input: socket });
    lines.on('error', reject);
    lines.on('line', (line) => {
      try {
        time.hear(line);
      } catch (error) {
        socket.destroy(error as Error);
        return;
      }
      socket.setTimeout(0);
      // Being registered is no reason for a process to stay.
      socket.unref();
      resolve(time);
    });
  });
}
