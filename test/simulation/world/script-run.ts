import type { ShellCommand } from '../../../sandbox/shell/shell';
import type { World } from '../../../sandbox/world';
import type { ModelServers } from './servers';

/** One run of a script of lib/on-instance, as its model is given it. */
export interface ScriptRun {
  world: World;
  servers: ModelServers;
  instance: ShellCommand['instance'];
  args: string[];
  print(line: string): void;
  /** Ends the run with the exit code of the prelude. */
  fail(code: number, why: string): never;
  /** Whether the command was ended by its agent. */
  ended(): boolean;
}

/** Resolves to its exit code; a script that says none has ended well. */
export type Script = (run: ScriptRun) => unknown;

/** How a script ends early. */
export class Failed extends Error {
  constructor(readonly code: number) {
    super();
  }
}
