import { spawn } from 'node:child_process';
import { commandLine } from '../../scripts/rehearsal/rehearsal';
import { runScript, type Script } from '../../scripts/terminal/command';
import { commandsOf } from './commands';
import type { Stage } from './stage';

export interface Outcome {
  code: number;
  said: string;
}
type Run = (stage: Stage, command: string) => Promise<Outcome>;

/** Carries a command out in a process of its own, as a person types it. */
export const spawned: Run = (stage, command) => run(commandLine(command, stage.settingsFile));

/** Runs Node with these words; resolves to its exit code and all it said. */
export function run(words: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      FORCE_COLOR: '0',
      NODE_NO_WARNINGS: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    };
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, said }));
  });
}

/** Carries a command out in this process: a script through its own command line, a deploy through the toolkit. */
export const inProcess: Run = async (stage, command) => {
  const [tool, , ...words] = command.split(' ').filter((word) => word !== '--');
  if (tool === 'npx') {
    const given = words.flatMap((word) => (word.includes('=') ? [word.split('=')] : []));
    const stacks = words.slice(1).filter((word) => !word.startsWith('-') && !word.includes('='));
    await stage.deploy(Object.fromEntries(given), stacks.length > 0 ? { stacks } : {});
    return { code: 0, said: '' };
  }
  const { script } = (await import(`../../scripts/${words[0]}`)) as { script: Script<object, unknown> };
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const code = await runScript(script, [...words.slice(1), '--settings', stage.settingsFile], {
    stdout: { write },
    stderr: { write },
  });
  return { code, said };
};

const looksAndScaling = ['npm run scale', 'npm run prove-frozen', 'npm run status'];

/**
 * Goes through the night, command by command; `from` and `until` name the first and the last one by their beginning.
 * A `brief` one leaves out what only looks, and the scaling, which freezing does too.
 */
export async function night(
  stage: Stage,
  { by = inProcess, from = '', until = '', brief = false } = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const commands = commandsOf(stage.settings).map(({ command }) => command);
  for (const part of [from, until])
    if (!commands.some((each) => each.startsWith(part))) throw new Error(`No command begins with ${part}`);
  for (const command of commands.slice(commands.findIndex((each) => each.startsWith(from)))) {
    if (brief && looksAndScaling.some((each) => command.startsWith(each))) continue;
    const outcome = await by(stage, command);
    outcomes.push(outcome);
    if (outcome.code !== 0) throw new Error(`${command} ended with ${outcome.code}:\n${outcome.said}`);
    if (until && command.startsWith(until)) break;
  }
  return outcomes;
}
