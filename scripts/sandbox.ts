import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { TimeMode } from '../sandbox/clock';
import { coverage } from '../sandbox/coverage';
import { endpointOf } from '../sandbox/rds/state';
import type { Sandbox, SandboxOptions } from '../sandbox/start';
import type { Durations, Switches } from '../sandbox/world';
import { main } from './command';
import { type Foreign, startWithForeign } from './foreign';
import { worldBefore } from './world-before';
import { durationWord, switchWord } from './world-words';

interface Options extends Foreign {
  envFile?: string;
  port?: number;
  time: TimeMode;
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

/** What a shell needs so that any client talks to the sandbox, and to nothing else. */
function exportsFor(sandbox: Sandbox, region: string, accessKeyId: string): string {
  const variables = {
    AWS_ENDPOINT_URL: sandbox.origin,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    UPGRADE_DNS: sandbox.dns,
    UPGRADE_HTTP_PROXY: sandbox.proxy,
  };
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
    // A key id of its own: tools remember which account a key belongs to.
    const accessKeyId = `AKIASANDBOX${randomBytes(5).toString('hex').toUpperCase()}`;
    const ended = stopped();
    const start: SandboxOptions = {
      plan: worldBefore(settings, (id) => endpointOf(settings.account, settings.region, id)),
      accessKeyId,
      time: options.time,
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(options.duration ? { durations: options.duration } : {}),
      ...(options.switch ? { switches: options.switch } : {}),
      ...(options.calls ? { onCall: logCalls(options.calls) } : {}),
      onFault: (what, error) =>
        process.stderr.write(`sandbox: ${what}: ${(error as Error)?.stack ?? error}\n`),
    };
    const sandbox = await startWithForeign(options, settings, start, say);
    const text = exportsFor(sandbox, settings.region, accessKeyId);
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
