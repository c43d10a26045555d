import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { PreconditionError } from '../lib/runbook/errors';
import type { TimeMode } from '../sandbox/clock';
import { endpointOf } from '../sandbox/rds/state';
import { NothingLoaded } from '../sandbox/seed-databases';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/start';
import { checkout } from './checkout';
import { main } from './command';
import { loadDump } from './load-dump';
import { worldBefore } from './world-before';

interface Options {
  envFile?: string;
  port?: number;
  time: TimeMode;
  application?: string;
  database?: string;
  calls?: string;
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

function nothingLoaded(file: string): PreconditionError {
  return new PreconditionError('DUMP_EMPTY', {
    so: `${file} was loaded, and the database has no tables.`,
    next: 'Give a file with the whole database, schema and rows.',
  });
}

/** What whoever gave an application or a database should know about what stands in for the rest. */
function remarks({ application, database }: Options, { lacking }: Sandbox): string[] {
  const some = lacking.slice(0, 3).join(', ');
  return [
    ...(lacking.length > 0
      ? [
          `The database lacks ${some}${lacking.length > 3 ? ', ...' : ''}: pages are plain ones, and no jobs run.`,
        ]
      : []),
    ...(application && !database
      ? [
          "Without --database the application's commands meet the stand-in's tables, which are only some of Cobalt's.",
        ]
      : []),
    ...(application ? ['Pages and cron jobs are stand-ins; hooks of deployments are left out.'] : []),
  ];
}

const stopped = () =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });

main<Options, { stopped: true }>({
  name: 'sandbox',
  description: 'A local AWS with the world as it stands before the upgrade. Runs until SIGTERM or Ctrl-C.',
  options: (command) =>
    command
      .option('--env-file <file>', 'write shell exports here when it is ready')
      .option('--calls <file>', 'append a line for every call and its outcome')
      .option('--port <port>', 'the port of the API', portWord)
      .option('--time <mode>', 'skip jumps over waits, real lets them pass', timeWord, 'skip')
      .option('--application <dir>', "a checkout whose manage.py runs on the new side's instances")
      .option('--database <file>', 'a plain SQL or pg_dump file to load as the old side’s database'),
  act: async ({ options, settings, say }) => {
    // A key id of its own: tools remember which account a key belongs to.
    const accessKeyId = `AKIASANDBOX${randomBytes(5).toString('hex').toUpperCase()}`;
    const ended = stopped();
    const given = {
      ...(options.application ? { python: checkout(options.application, settings) } : {}),
      ...(options.database ? { loadProduction: loadDump(options.database) } : {}),
    };
    const sandbox = await startSandbox({
      ...given,
      plan: worldBefore(settings, (id) => endpointOf(settings.account, settings.region, id)),
      accessKeyId,
      time: options.time,
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(options.calls ? { onCall: logCalls(options.calls) } : {}),
      onFault: (what, error) =>
        process.stderr.write(`sandbox: ${what}: ${(error as Error)?.stack ?? error}\n`),
    }).catch((error) => {
      throw error instanceof NothingLoaded ? nothingLoaded(options.database!) : error;
    });
    for (const line of remarks(options, sandbox)) say(line);
    const text = exportsFor(sandbox, settings.region, accessKeyId);
    if (options.envFile) {
      writeFileSync(options.envFile, text);
      say(`The sandbox is ready: . ${options.envFile}`);
    } else say(`The sandbox is ready:\n${text}`);
    await ended;
    await sandbox.stop();
    return { stopped: true };
  },
  print: () => 'The sandbox has stopped; nothing of it is left.',
});
