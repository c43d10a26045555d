import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../clock';
import { briefNames } from './installation';

/** What asks the sandbox something: until it is known to wait it works, although it sleeps meanwhile. */
const client = new RegExp(`stand-in-client\\.cjs|/bin/(${briefNames.join('|')})(\\s|\\0|$)`);
/** The names under which such processes run: Linux takes a script's own. */
const clientName = new RegExp(`node|${briefNames.join('|')}`, 'i');

const firstLookMs = 5;
const longestPauseMs = 200;

/**
 * Tells the clock when a command waits: that is when stand-ins are at work for it, which say themselves whether they
 * wait, and none of its own processes has anything to do.
 */
export class Idleness {
  private readonly standIns = new Set<number>();
  private changes = 0;
  private timer: NodeJS.Timeout | undefined;
  private workAgain: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly activity: unknown,
    private readonly shellPid: number,
  ) {}

  /** A stand-in has begun; returns what to call when it has ended. */
  begin(pid: number): () => void {
    this.standIns.add(pid);
    this.changed();
    return () => {
      this.standIns.delete(pid);
      this.changed();
    };
  }

  end(): void {
    this.standIns.clear();
    this.changed();
  }

  private changed(): void {
    this.changes++;
    this.workAgain?.();
    this.workAgain = undefined;
    clearTimeout(this.timer);
    if (this.standIns.size > 0) this.lookIn(firstLookMs);
  }

  private lookIn(pauseMs: number): void {
    this.timer = setTimeout(() => void this.look(pauseMs), pauseMs);
    this.timer.unref();
  }

  private async look(pauseMs: number): Promise<void> {
    const { changes } = this;
    // Twice, since a process that is just being started is in no list that was begun before.
    const before = await this.allAsleep();
    const idle = before !== undefined && (await this.allAsleep()) === before;
    if (changes !== this.changes) return;
    if (!idle) return this.lookIn(Math.min(pauseMs * 2, longestPauseMs));
    const woken = new Promise<void>((resolve) => {
      this.workAgain = resolve;
    });
    void this.clock.within(this.activity, () => this.clock.wait(woken));
  }

  /** What its processes are and how often each has slept; undefined while one has something to do. */
  private async allAsleep(): Promise<string | undefined> {
    const processes = await allProcesses();
    const own = new Set([this.shellPid]);
    for (let size = 0; size < own.size; ) {
      size = own.size;
      for (const { pid, parentPid, groupId } of processes)
        if (own.has(parentPid) || groupId === this.shellPid) own.add(pid);
    }
    const mine = processes.filter(({ pid }) => own.has(pid));
    const works = ({ pid, state, command }: HostProcess) =>
      /^[RDU]/.test(state) || (client.test(command) && !this.standIns.has(pid));
    return mine.some(works) ? undefined : mine.map(({ pid }) => `${pid}: ${sleepsOf(pid)}`).join('; ');
  }
}

interface HostProcess {
  pid: number;
  parentPid: number;
  groupId: number;
  state: string;
  command: string;
}

const allProcesses = (): Promise<HostProcess[]> =>
  existsSync('/proc/self/stat') ? Promise.resolve(processesOfLinux()) : processesByPs();

/** Asked for at every stand-in's call: a program of its own for it would cost ten times as much. */
function processesOfLinux(): HostProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [state = '', parentPid, groupId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = clientName.test(stat.slice(0, stat.lastIndexOf(')')))
          ? readFileSync(`/proc/${name}/cmdline`, 'latin1')
          : '';
        return [
          { pid: Number(name), parentPid: Number(parentPid), groupId: Number(groupId), state, command },
        ];
      } catch {
        // It has ended since the list was read.
        return [];
      }
    });
}

/** Whoever ran between two looks has slept once more at the second. Only Linux tells. */
function sleepsOf(pid: number): string {
  try {
    return (
      /^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? ''
    );
  } catch {
    return '';
  }
}

function processesByPs(): Promise<HostProcess[]> {
  return new Promise((resolve) => {
    const columns = ['-A', '-o', 'pid=,ppid=,pgid=,stat=,args='];
    execFile('ps', columns, { maxBuffer: 64 * 1024 * 1024 }, (_, stdout) => {
      const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
      resolve(
        rows.map(([pid, parentPid, groupId, state = '', ...command]) => ({
          pid: Number(pid),
          parentPid: Number(parentPid),
          groupId: Number(groupId),
          state,
          command: command.join(' '),
        })),
      );
    });
  });
}
