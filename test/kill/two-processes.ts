import net from 'node:net';
import type { Report } from '../../lib/report/report';
import { leaseSeconds } from '../../lib/runbook/lock';
import type { Stage } from '../support/stage';
import { Typed } from '../support/typed';
import { reportIn, reportOf } from './killed-run';

/** All that is asked of a sandbox, oldest first, with its outcome. */
export class Calls {
  readonly made: string[] = [];

  readonly note = (call: { service: string; action: string }, outcome: 'ok' | { code: string }) => {
    this.made.push(`${call.service} ${call.action} ${outcome === 'ok' ? 'ok' : outcome.code}`);
  };

  /** Those since so many that changed something, or ran something on an instance. */
  changing(since: number): string[] {
    return this.made.slice(since).filter((call) => !looks.test(call) && call.endsWith(' ok'));
  }
}

const looks = /^\S+ (Describe|Get|List|Head|AssumeRole)/;

/**
 * One process drives a run, and a second one is told so. Then the first sleeps in the middle of an act, as on a laptop that was
 * closed; when its lease is over another takes the run from it and ends it; and then the first one wakes.
 * @param asleepAt what the first one says before it sleeps
 * @returns the report of the run, and what is not as it should be
 */
export async function twoProcesses(
  stage: Stage,
  calls: Calls,
  asleepAt: RegExp,
): Promise<{ report: Report; faults: string[] }> {
  const command = `npm run cutover -- --yes --json --report ${reportOf(stage)}`;
  const faults: string[] = [];
  const check = (holds: boolean, what: string, { said }: Typed) => {
    if (!holds) faults.push(`${what}:\n${said.slice(-2_000)}`);
  };
  const relay = await relayTo(stage.sandbox.clock);
  try {
    const first = new Typed(stage, command, { UPGRADE_CLOCK: relay.address });
    await first.says(/STEP_STARTED/);
    const second = new Typed(stage, command);
    check((await second.ended) === 5, 'the second process did not end with exit code 5', second);
    check(
      heldWords.test(second.said),
      'it does not say who holds the run, since when, and what to do',
      second,
    );

    await first.says(asleepAt);
    first.sleep();
    const asleepSinceMs = performance.now();
    relay.cut();
    await stage.sandbox.world.clock.skip((leaseSeconds + 1) * 1000);
    const third = new Typed(stage, command);
    check((await third.ended) === 0, 'the process that took the run over did not end it', third);
    check(/TOOK_OVER.* holds the run /.test(third.said), 'it does not say of whom it took the run', third);
    const report = reportIn(stage);

    // The clock of the one that sleeps is that of this machine: by it, too, the lease is to be over.
    const leftMs = (leaseSeconds + 1) * 1000 - (performance.now() - asleepSinceMs);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
    const before = calls.made.length;
    first.wake();
    check((await first.ended) === 4, 'the process that woke did not end with exit code 4', first);
    check(/LOCK_LOST/.test(first.said), 'it does not say that it lost the run', first);
    const acted = calls.changing(before);
    check(acted.length === 0, `it acted when it woke: ${acted.join(', ')}`, first);
    return { report, faults };
  } finally {
    await relay.close();
  }
}

const heldWords = /LOCK_HELD: .* holds the run .* since .* the last sign of life .*npm run unlock/s;

/** The way to the sandbox's clock for a process that is going to sleep: cut off, it holds up nobody's time. */
async function relayTo(clock: string) {
  const [host = '', port] = clock.split(':');
  const sockets: net.Socket[] = [];
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = net.createServer((near) => {
    const far = net.connect({ host, port: Number(port), noDelay: true });
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => {}).on('close', cut);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    cut,
    close: () => {
      cut();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
