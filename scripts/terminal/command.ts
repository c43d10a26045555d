import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { unexpectedRefusal } from '../../lib/aws/faults';
import { clause, exitCodes, UpgradeError, UsageError } from '../../lib/runbook/errors';
import { readSettings, type Settings, type Side, sides } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { localCommands } from '../rehearsal/local-commands';
import { followed, type Say } from './progress';
import { clockFromVariables } from './told-clock';

/** What a script is given: its options, the settings, and the world when it asks for it. */
export interface Given<Options> {
  options: Options;
  settings: Settings;
  /** Where they were read from. */
  settingsFile: string;
  say: Say;
  terminal: Terminal;
  json: boolean;
  /** @param tell where it is told what they do, if not where the script says what it does */
  ports(tell?: Say): Promise<Ports>;
}

/** A script: its command line, what it does, and how its result reads. */
export interface Script<Options, Result> {
  name: string;
  description: string;
  /** Adds arguments and options of its own. */
  options?(command: Command): void;
  act(given: Given<Options>): Promise<Result>;
  /** It writes lines and asks by itself: a spinner would hold both back until its end. */
  speaks?: true;
  /** The result for people; with --json they get the result itself. */
  print(result: Result): string;
  /** Where success has more than one exit code. */
  exitCode?(result: Result, options: Options): number;
}

/** Where a script's words go; the machine's own streams outside of tests. */
export interface Terminal {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown; isTTY?: boolean };
}

/**
 * Runs a script with the machine's command line. Its words come after a `--`, since Node 20 takes an --env-file
 * anywhere before one for its own.
 */
export async function main<Options extends object, Result>(script: Script<Options, Result>): Promise<void> {
  const words = process.argv.slice(2);
  process.exitCode = await runScript(script, words[0] === '--' ? words.slice(1) : words, process);
}

/** Runs a script; resolves to its exit code. */
export async function runScript<Options extends object, Result>(
  script: Script<Options, Result>,
  words: string[],
  terminal: Terminal,
): Promise<number> {
  // Asked for before the command line is understood: a fault in it is told in the form that was asked for.
  const json = words.includes('--json');
  try {
    const parsed = parse(script, words, terminal);
    if (!parsed) return exitCodes.done;
    const { settings: file, json: _, ...own } = parsed;
    const options = own as Options;
    const settings = readSettings(file);
    const result = await followed(script.name, terminal, json || script.speaks === true, (say) =>
      script.act({
        options,
        settings,
        settingsFile: file,
        say,
        terminal,
        json,
        ports: (tell = say) => ports(settings, tell),
      }),
    );
    terminal.stdout.write(`${json ? JSON.stringify(result) : script.print(result)}\n`);
    return script.exitCode?.(result, options) ?? exitCodes.done;
  } catch (error) {
    return tell(understood(error), terminal, json);
  }
}

/** Loaded when a script asks for AWS: help and mistakes on the command line should not wait for its libraries. */
async function ports(settings: Settings, say: Say): Promise<Ports> {
  const elsewhere = process.env.AWS_ENDPOINT_URL;
  if (elsewhere) say(`Not AWS, but ${elsewhere} (AWS_ENDPOINT_URL)`);
  const { awsPorts } = require('../../lib/aws/ports') as typeof import('../../lib/aws/ports');
  return awsPorts(settings, say, await clockFromVariables(), localCommands);
}

/** Undefined when help was asked for, and given. */
function parse<Options, Result>(script: Script<Options, Result>, words: string[], terminal: Terminal) {
  const command = new Command(script.name)
    .description(script.description)
    .option('--settings <file>', 'the settings of the application', 'config/cobalt.yaml')
    .option('--json', 'print the result as one JSON object')
    .showHelpAfterError(false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.stdout.write(text), outputError: () => {} });
  script.options?.(command);
  try {
    command.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new UsageError('COMMAND_LINE', {
      so: `The command line cannot be understood: ${complaint(error)}.`,
      changed: 'Nothing was changed.',
      next: `Run npm run ${script.name} -- --help.`,
    });
  }
  const named = command.registeredArguments.map((argument, index) => [
    argument.name(),
    command.processedArgs[index],
  ]);
  return { ...command.opts(), ...Object.fromEntries(named) } as { settings: string; json?: boolean };
}

const complaint = ({ message }: CommanderError) =>
  message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');

/** What AWS refused and nobody foresaw is an error of a step; only what has no such form is a fault of the tool. */
function understood(error: unknown): unknown {
  return error instanceof UpgradeError ? error : (unexpectedRefusal(error) ?? error);
}

function tell(error: unknown, terminal: Terminal, json: boolean): number {
  const known = error instanceof UpgradeError;
  const { code, exitCode, text } = known ? error : bug(error);
  if (json) terminal.stdout.write(`${JSON.stringify({ error: { code, exitCode, ...text } })}\n`);
  const lines = [`${code}: ${text.so}`, text.changed, text.next];
  if (!known) lines.push((error as Error)?.stack ?? String(error));
  terminal.stderr.write(`${lines.join('\n')}\n`);
  return exitCode;
}

function bug(error: unknown) {
  return {
    code: 'FAULT',
    exitCode: exitCodes.bug,
    text: {
      so: `This is a fault of the tool: ${clause(error instanceof Error ? error.message : String(error))}.`,
      changed: 'What came before in this command may have been done.',
      next: 'Look with npm run status, and report the lines below.',
    },
  };
}

/** Parsers for options; commander tells their complaints with the option's name. */
export function sideWord(word: string): Side {
  if (!sides.includes(word as Side)) throw new InvalidArgumentError(`It should be ${sides.join(' or ')}.`);
  return word as Side;
}

export function countWord(word: string): number {
  if (!/^[1-9]\d{0,3}$/.test(word)) throw new InvalidArgumentError('It should be a whole number above zero.');
  return Number(word);
}

/** For an option that may be given again, for each of several words. */
export const wordAgain = (word: string, before: string[] = []) => [...before, word];
