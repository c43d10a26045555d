import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunningCommand, Scripts, ShellCommand } from '../../../sandbox/shell/shell';
import type { World } from '../../../sandbox/world';
import * as databases from './database-scripts';
import * as machines from './machine-scripts';
import { Failed, type Script, type ScriptRun } from './script-run';
import * as secrets from './secret-scripts';
import type { ModelServers } from './servers';

const known: Record<string, Script> = { ...databases.scripts, ...machines.scripts, ...secrets.scripts };

const folder = 'lib/on-instance';
const textOf = (name: string) => readFileSync(path.join(folder, `${name}.sh`), 'utf8');
const prelude = textOf('prelude');
/** The names of the scripts by their texts. */
const names = new Map(
  readdirSync(folder)
    .map((file) => file.replace(/\.sh$/, ''))
    .map((name) => [textOf(name).trim(), name]),
);

/**
 * Does on an instance what the scripts of lib/on-instance do, by models of their own: the same questions, the same answers
 * in the same words. A test holds them to the real scripts.
 */
export class ModelScripts implements Scripts {
  constructor(
    private readonly world: World,
    private readonly servers: ModelServers,
  ) {}

  async run({ instance, script, onStdout, onStderr }: ShellCommand): Promise<RunningCommand> {
    const { name, args } = read(script);
    let over = false;
    const end = () => {
      over = true;
    };
    const model = known[name];
    if (!model) {
      onStderr(Buffer.from(`The simulation does not model the script ${name}.\n`));
      return { exitCode: Promise.resolve(127), end };
    }
    const lines: string[] = [];
    const run: ScriptRun = {
      ...{ world: this.world, servers: this.servers, instance, args },
      print: (line) => void lines.push(line),
      fail: (code, why) => {
        onStderr(Buffer.from(`${why}\n`));
        throw new Failed(code);
      },
      ended: () => over,
    };
    const told = async () => {
      try {
        const exitCode = await model(run);
        return typeof exitCode === 'number' ? exitCode : 0;
      } catch (error) {
        if (error instanceof Failed) return error.code;
        throw error;
      } finally {
        if (lines.length > 0) onStdout(Buffer.from(`${lines.join('\n')}\n`));
        lines.length = 0;
      }
    };
    return { exitCode: told(), end };
  }

  close(): void {}
}

/** The text is what the adapter of Run Command sends: the arguments, the prelude, and the script. */
function read(text: string): { name: string; args: string[] } {
  const place = text.indexOf(prelude);
  const name = names.get(text.slice(place + prelude.length).trim());
  const [, words] = /^#!\/bin\/bash\nset -- (.*)\n$/s.exec(text.slice(0, place)) ?? [];
  if (place < 0 || name === undefined || words === undefined)
    throw new Error(`The simulation does not know this script: ${text.slice(0, 200)}`);
  return { name, args: wordsOf(words) };
}

/** The words of a line in which each stands in single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'((?:[^']|'\\'')*)'(?= |$)/gs)].map(([, word]) => word!.replaceAll("'\\''", "'"));
}
