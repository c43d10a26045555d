import { appendFileSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { PreconditionError } from '../lib/runbook/errors';
import type { TimeMode } from '../sandbox/clock';
import { coverage } from '../sandbox/coverage';
import type { SandboxOptions } from '../sandbox/start';
import type { Durations, Switches } from '../sandbox/world';
import { startOptions, variablesOf, type WorldName, worlds } from './rehearsal/sandbox-variables';
import { durationWord, switchWord } from './rehearsal/world-words';
import { main } from './terminal/command';
import { type Foreign, startWithForeign } from './terminal/foreign';

interface Options extends Foreign {
  envFile?: string;
  port?: number;
  time: TimeMode;
  world: WorldName;
  calls?: string;
  duration?: Partial<Durations>;
  switch?: Partial<Switches>;
  coverage?: boolean;
}

const portWord = (word: string) => {
  const port = Number(word);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('It should be a port.');
  return port;
};

const timeWord = (word: string): TimeMode => {
  if (word !== 'skip' && word !== 'real') throw new InvalidArgumentError('It should be skip or real.');
  return word;
};

/** The variables as a shell reads them. */
function exportsFor(variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  return `unset AWS_PROFILE AWS_SESSION_TOKEN\n${lines.join('\n')}\n`;
}

function logCalls(file: string): SandboxOptions['onCall'] {
  return ({ service, action }, outcome) =>
    appendFileSync(
      file,
      `${service} ${action} ${outcome === 'ok' ? 'ok' : `${outcome.code}: ${outcome.message}`}\n`,
    );
}

/** Only the port of the API is chosen by whoever starts it. */
function understood(error: unknown, port: number | undefined): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen' || port === undefined) return error;
  return new PreconditionError('PORT_NOT_FREE', {
    so: `The sandbox cannot listen on port ${port} (${code}).`,
    next: 'Give another with --port, or none: it takes any free one then.',
  });
}

const stopped = () =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });

main<Options, { stopped: true } | { coverage: string }>({
  name: 'sandbox',
  description: 'A local AWS with the world as it stands before the upgrade. Runs until SIGTERM or Ctrl-C.',
  options: (command) =>
    command
      .option('--env-file <file>', 'write shell exports here when it is ready')
      .option('--calls <file>', 'append a line for every call and its outcome')
      .option('--port <port>', 'the port of the API', portWord)
      .option('--time <mode>', 'skip jumps over waits, real lets them pass', timeWord, 'skip')
      .addOption(
        new Option('--world <which>', 'before an upgrade, or as people made it by hand, before it is adopted')
          .choices(Object.keys(worlds))
          .default('before'),
      )
      .option('--application <dir>', "a checkout whose manage.py runs on the new side's instances")
      .option('--database <file>', 'a plain SQL or pg_dump file to load as the old side’s database')
      .option('--duration <name=ms>', 'how long something takes AWS, again for each', durationWord)
      .option(
        '--switch <name=position>',
        'an answer of AWS that is not established, again for each',
        switchWord,
      )
      .option('--coverage', 'print what is modelled, and start nothing'),
  act: async ({ options, settings, say }) => {
    if (options.coverage) return { coverage: coverage() };
    const ended = stopped();
    const start: SandboxOptions = {
      ...startOptions(settings, options.world),
      time: options.time,
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(options.duration ? { durations: options.duration } : {}),
      ...(options.switch ? { switches: options.switch } : {}),
      ...(options.calls ? { onCall: logCalls(options.calls) } : {}),
    };
    const sandbox = await startWithForeign(options, settings, start, say).catch((error) => {
      throw understood(error, options.port);
    });
    const text = exportsFor(variablesOf(sandbox, settings.region, start.accessKeyId));
    if (options.envFile) {
      writeFileSync(options.envFile, text);
      say(`The sandbox is ready: . ${options.envFile}`);
    } else say(`The sandbox is ready:\n${text}`);
    await ended;
    await sandbox.stop();
    return { stopped: true };
  },
  print: (result) =>
    'coverage' in result ? result.coverage : 'The sandbox has stopped; nothing of it is left.',
});
