import { spawnSync } from 'node:child_process';
import { type StandIn, UnmodelledCommand } from '../stand-in';
import { noteEnd } from './python';

const signals = ['TERM', 'KILL', 'INT', 'HUP'];
const numbers: Record<string, string> = { 15: 'TERM', 9: 'KILL', 2: 'INT', 1: 'HUP', 0: '0' };

/** Ends processes of the instance, and what the command itself has started; nothing else of this machine. */
export const kill: StandIn = ({ args, instance, shellPid, complain }) => {
  const { signal, pids } = parse(args);
  let exitCode = 0;
  for (const pid of pids) {
    const process = instance.processes.get(pid);
    if (process) {
      if (signal !== '0') {
        instance.end(process);
        noteEnd(process);
      }
      continue;
    }
    if (isOwn(pid, shellPid) && send(pid, signal)) continue;
    complain(`kill: (${pid}) - No such process\n`);
    exitCode = 1;
  }
  return exitCode;
};

function parse(args: string[]): { signal: string; pids: number[] } {
  const unmodelled = () => new UnmodelledCommand(`kill ${args.join(' ')}`);
  const rest = [...args];
  let signal = 'TERM';
  if (rest[0]?.startsWith('-') && rest[0] !== '--') {
    const given = (rest.shift() as string).slice(1);
    const name = given === 's' ? (rest.shift() ?? '') : given;
    signal = numbers[name] ?? name.replace(/^SIG/, '');
    if (signal !== '0' && !signals.includes(signal)) throw unmodelled();
  }
  if (rest[0] === '--') rest.shift();
  const pids = rest.map(Number);
  if (pids.length === 0 || pids.some((pid) => !Number.isInteger(pid) || pid <= 1)) throw unmodelled();
  return { signal, pids };
}

/** Whether a process of this machine descends from the command's shell. */
function isOwn(pid: number, shellPid: number): boolean {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const parents = new Map(rows);
  let ancestor: number | undefined = pid;
  while (ancestor !== undefined && ancestor > 1 && ancestor !== shellPid) ancestor = parents.get(ancestor);
  return ancestor === shellPid;
}

function send(pid: number, signal: string): boolean {
  try {
    return process.kill(pid, signal === '0' ? 0 : (`SIG${signal}` as NodeJS.Signals));
  } catch {
    return false;
  }
}
