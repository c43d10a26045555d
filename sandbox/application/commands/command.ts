import type { World } from '../../world';
import type { Connection } from '../database';
import type { Settings } from '../settings';

/** One run of `manage.py COMMAND` on an instance. */
export interface Run {
  args: string[];
  world: World;
  settings: Settings;
  database: Connection;
  print: (text: string) => void;
  environment: string;
  /** Whether the code is the new release's. */
  upgraded: boolean;
  at: () => Date;
  /** Lets the sandbox's time pass; throws `Killed` if the process was ended meanwhile. */
  work: (durationMs: number) => Promise<void>;
}

/** A command resolves to its exit code. */
export interface Command {
  act: (run: Run) => Promise<number>;
  /** The argument lists that are modelled; without them, none. */
  args?: string[][];
  /** True for commands that only the new release has. */
  onlyUpgraded?: boolean;
}
