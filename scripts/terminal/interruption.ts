import { nameOf } from '../../lib/runbook/holder';
import { leaseSeconds } from '../../lib/runbook/lock';
import type { Live } from '../../lib/upgrade/run/run-view';

/** Ctrl-C, and what it leaves. */

export interface Interruption {
  stopped: Promise<void>;
  /** What a signal does. */
  interrupt(): void;
}

export interface Interrupted {
  /** Told at the first signal. */
  stopping(): void;
  /** Told at the second one, right before the end. */
  leaving(): void;
}

/** npm hands on the signal that its terminal has sent to both: a person's second one comes later. */
const echoMs = 500;

export function listen({ stopping, leaving }: Interrupted): Interruption {
  let stop = () => {};
  let stoppingSinceMs: number | undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const interrupt = () => {
    if (stoppingSinceMs === undefined) {
      stoppingSinceMs = Date.now();
      stopping();
      stop();
    } else if (Date.now() - stoppingSinceMs > echoMs) {
      leaving();
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  return { stopped, interrupt };
}

/** What state things are in, as far as this process knows. */
export interface Left {
  live: Live | undefined;
  /** What AWS does, as it was told last. */
  underneath: string[];
  /** What is typed to go on. */
  command: string;
}

export function stopping({ live, underneath, command }: Left): string[] {
  return [
    'Stopping: no further step begins. What AWS does goes on without this process; what a step does itself is awaited, which may take minutes.',
    ...stateOf(live, underneath),
    ...lockOf(live, 'and keeps it for this run when it has stopped'),
    `To go on then: ${command}. Ctrl-C again leaves at once, in the middle of it.`,
  ];
}

export function leaving({ live, underneath, command }: Left): string[] {
  const whoNext = `which this machine takes at once, and another one after ${leaseSeconds} seconds`;
  return [
    'LEFT: This process has ended in the middle of what it did.',
    'What was begun in AWS goes on; the run is unfinished.',
    ...stateOf(live, underneath),
    ...lockOf(live, whoNext),
    `Run the same command again (${command}): it goes on from what AWS says.`,
  ];
}

function stateOf(live: Live | undefined, underneath: string[]): string[] {
  if (!live) return [];
  const { running, asked, report, forecast } = live;
  const expected = (id: string) => forecast.steps.find((step) => step.id === id)?.expectedMinutes;
  const atWork = running.map(({ id }) => {
    const { minutes = 0 } = report.steps.find((step) => step.id === id)!;
    return `${id} (${minutes} of ${expected(id)} min)`;
  });
  return [
    ...(atWork.length > 0 ? [`Begun and not done: ${atWork.join(', ')}.`] : ['No step is at work.']),
    ...(asked ? [`Not answered yet: "${asked.title}" (${asked.id}).`] : []),
    ...underneath.map((text) => `Underneath: ${text}`),
  ];
}

function lockOf(live: Live | undefined, what: string): string[] {
  if (!live?.holder) return [];
  return [`${nameOf(live.holder)} holds the lock of the run ${live.report.run}, ${what}.`];
}
