import fs from 'node:fs';
import path from 'node:path';
import type { World } from '../../world';
import { type Invocation, type StandIn, UnmodelledCommand } from '../stand-in';

interface Request {
  waitMs: number;
  /** A descriptor's number, or a file. */
  target: string;
  command: string[];
  release: boolean;
}

const pollMs = 1_000;

/**
 * `flock [-n | -w SECONDS] FILE COMMAND...` and `flock [-n | -w SECONDS | -u] DESCRIPTOR`. A lock on a descriptor
 * lasts as long as the shell that took it.
 */
export function flock({ clock }: Pick<World, 'clock'>): StandIn {
  /** The process that holds each lock, by the file's device and inode. */
  const holders = new Map<string, number>();
  const wake: (() => void)[] = [];
  const release = (key: string) => {
    holders.delete(key);
    for (const waiter of wake.splice(0)) waiter();
  };
  /** Until a lock is released; the end of a shell tells nobody, so it is looked for again after a while. */
  const change = (atMostMs: number) =>
    clock.wait(
      new Promise<void>((resolve) => {
        wake.push(resolve);
        clock.at(clock.nowMs() + atMostMs, 'flock on an instance', resolve);
      }),
    );

  return async (invocation) => {
    const request = parse(invocation.args);
    const byFile = request.command.length > 0;
    const key = byFile
      ? identity(path.resolve(invocation.cwd, request.target))
      : descriptor(invocation, request);
    if (request.release) {
      release(key);
      return 0;
    }
    const me = byFile ? invocation.pid : invocation.parentPid;
    const deadlineMs = clock.nowMs() + request.waitMs;
    while (isHeld(holders.get(key), me)) {
      if (clock.nowMs() >= deadlineMs || invocation.signal.aborted) return 1;
      await change(Math.min(pollMs, deadlineMs - clock.nowMs()));
    }
    holders.set(key, me);
    if (!byFile) return 0;
    const [file, ...args] = request.command as [string, ...string[]];
    return clock.wait(invocation.exec({ file, args })).finally(() => release(key));
  };
}

function parse(args: string[]): Request {
  const rest = [...args];
  let waitMs = Number.POSITIVE_INFINITY;
  let release = false;
  while (rest[0]?.startsWith('-')) {
    const option = rest.shift();
    if (option === '-n') waitMs = 0;
    else if (option === '-w') waitMs = Number(rest.shift()) * 1000;
    else if (option === '-u') release = true;
    else if (option !== '-x') throw new UnmodelledCommand(`flock ${args.join(' ')}`);
  }
  const [target, ...command] = rest;
  const isDescriptor = /^\d$/.test(target ?? '');
  if (
    target === undefined ||
    Number.isNaN(waitMs) ||
    isDescriptor === command.length > 0 ||
    command[0] === '-c'
  )
    throw new UnmodelledCommand(`flock ${args.join(' ')}`);
  return { waitMs, target, command, release };
}

function identity(file: string): string {
  fs.closeSync(fs.openSync(file, 'a'));
  const { dev, ino } = fs.statSync(file);
  return `${dev}:${ino}`;
}

function descriptor(invocation: Invocation, { target }: Request): string {
  const key = invocation.descriptors[target];
  if (key === undefined) throw new UnmodelledCommand(`flock on the descriptor ${target}, which is not open`);
  return key;
}

function isHeld(holder: number | undefined, me: number): boolean {
  if (holder === undefined || holder === me) return false;
  try {
    return process.kill(holder, 0);
  } catch {
    return false;
  }
}
