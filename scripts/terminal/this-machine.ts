import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces, userInfo } from 'node:os';
import type { Driver } from '../../lib/runbook/holder';

/** Who this process is, for the lock of a run, and which process of this machine lives. */

/** A name that no other machine has: containers share host names, but not the addresses of their network cards. */
export function thisMachine(): string {
  const cards = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ mac }) => mac));
  const digest = createHash('sha256')
    .update([...new Set(cards)].sort().join(' '))
    .digest('hex');
  return `${hostname()}/${digest.slice(0, 8)}`;
}

export function thisProcess(): Driver {
  const { pid } = process;
  const started = processOf(pid)?.started;
  return { who: userInfo().username, host: thisMachine(), pid, ...(started ? { started } : {}) };
}

/** Whether a process runs: one whose number was given to another does not, nor one that only was not taken note of. */
export function alive(host: string, pid: number, started?: string): boolean | undefined {
  if (host !== thisMachine()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const found = processOf(pid);
  if (!found) return true;
  return !found.state.startsWith('Z') && (started === undefined || started === found.started);
}

interface Process {
  /** Begins with Z for a zombie: it has ended, and its parent has not asked yet how. */
  state: string;
  /** In whatever form this machine tells it. */
  started: string;
}

const processOf = (pid: number) => (existsSync('/proc/self/stat') ? byProc(pid) : byPs(pid));

/** As Linux tells it: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function byProc(pid: number): Process | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands before, in parentheses, and may hold any of these characters itself.
    const [state = '', ...fields] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    // The state is the third field, the start the twenty-second.
    return { state, started: fields[18] ?? '' };
  } catch {
    return undefined;
  }
}

/** As macOS tells it. */
export function byPs(pid: number): Process | undefined {
  try {
    const words = ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)];
    const told = execFileSync('ps', words, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).trim();
    const [state = '', ...started] = told.split(/\s+/);
    return { state, started: started.join(' ') };
  } catch {
    return undefined;
  }
}
