import type { Instance } from '../world';

/** How a stand-in command was called. */
export interface Invocation {
  args: string[];
  cwd: string;
  environ: Record<string, string>;
  pid: number;
  parentPid: number;
  /** `device:inode` of each descriptor from 3 on that the command inherited. */
  descriptors: Record<string, string>;
  instance: Instance;
  /** The command's shell, which leads a process group of its own. */
  shellPid: number;
  /** Aborted when the process that stands in for the command has been killed. */
  signal: AbortSignal;
  print(text: string): void;
  complain(text: string): void;
  stdin(): Promise<Buffer>;
  /** Runs a real program in place of the command. Resolves to its exit code. */
  exec(program: {
    file: string;
    args: string[];
    env?: Record<string, string>;
    cwd?: string;
  }): Promise<number>;
  /** Sends a signal to the program under `exec` and all that it started. */
  killProgram(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** A command written by us. Resolves to its exit code. */
export type StandIn = (invocation: Invocation) => Promise<number> | number;

/** A stand-in that answers at once, by its arguments and the instance alone. */
export type BriefStandIn = (
  invocation: Pick<Invocation, 'args' | 'instance' | 'print' | 'complain'>,
) => number;

/** Thrown by a stand-in for an option that it does not model: the whole command then fails, whatever it makes of it. */
export class UnmodelledCommand extends Error {
  constructor(what: string) {
    super(`sandbox: does not model ${what}`);
  }
}
