import { stampVariable } from '../lib/names';
import { exitCodes } from '../lib/runbook/errors';
import { type RunStanding, runStanding } from '../lib/upgrade/run/run-standing';
import type { ObservedEnvironment } from '../lib/upgrade/side/observed';
import { onlyLooking } from '../lib/upgrade/side/only-looking';
import { type Status, status } from '../lib/upgrade/side/status';
import { mending } from '../lib/upgrade/stacks/replace-lost';
import { main, type Script } from './terminal/command';
import { table } from './terminal/table';
import { alive } from './terminal/this-machine';

type Shown = Status & { run: RunStanding | undefined; mends: string[] };

export const script: Script<{ exitCode?: boolean }, Shown> = {
  name: 'status',
  description:
    'Shows the observed posture beside the declared one, each difference, the legal next moves, and where a run stands.',
  options: (command) => command.option('--exit-code', 'exit with 3 when anything differs'),
  act: async ({ ports: connect, say }) => {
    const ports = onlyLooking(await connect());
    say('asking for the record, environments, their instances, databases and names');
    const [seen, run, mends] = await Promise.all([
      status(ports),
      runStanding(ports, alive),
      // What it asks may be the very thing that differs, which is shown anyhow.
      mending(ports).catch(() => []),
    ]);
    return { ...seen, run, mends: [...new Set([...mends, ...restless(seen)])] };
  },
  print: (result) =>
    [
      heading(result),
      environments(result),
      hosts(result),
      databases(result),
      verdict(result),
      ...(result.mends.length > 0 ? [`To mend it: ${result.mends.join(', then ')}`] : []),
      moves(result),
      ...(result.run ? [result.run.evidence.join('\n')] : []),
    ].join('\n\n'),
  exitCode: ({ differences }, options) =>
    options.exitCode && differences.length > 0 ? exitCodes.precondition : exitCodes.done,
};

/** Cron that runs on a side at rest: whatever started it may have come late. */
function restless({ differences, observed }: Status): string[] {
  const late = differences.filter(({ what, declared }) => what === 'cron' && declared.startsWith('stopped'));
  const isOn = (name: string) => late.some(({ where }) => where.endsWith(` of ${name}`));
  return observed.environments
    .filter(({ name }) => isOn(name))
    .map(({ side }) => `npm run jobs -- stop --side ${side}`);
}

function heading({ declared }: Status): string {
  const retired = Object.values(declared.sides).filter(({ state }) => state === 'retired');
  return [
    `Declared: ${declared.live} is live, access is ${declared.access} (posture ${declared.record.n}).`,
    ...retired.map(({ side }) => `${side} was tidied away.`),
  ].join(' ');
}

function environments({ declared, observed }: Status): string {
  return table(
    [
      ...['SIDE', 'ENVIRONMENT', 'DECLARED', 'DOOR', 'STATUS', 'HEALTH', 'VERSION', 'INSTANCES', 'CRON'],
      'PROCESSES OBEY',
    ],
    observed.environments.map((environment) => [
      environment.side,
      environment.name,
      declared.sides[environment.side].environments[environment.role]?.state ?? '',
      ...cells(environment),
    ]),
  );
}

function cells({ found }: ObservedEnvironment): string[] {
  if (!found) return ['does not exist'];
  const asked = found.instances.flatMap((each) => ('fault' in each ? [] : [each]));
  const crons = asked.map(({ cron }) => (cron.running ? 'running' : 'stopped'));
  const stamps = asked.flatMap(({ processes }) =>
    processes.map(({ variables }) => variables[stampVariable] ?? 'no stamp'),
  );
  const unasked = found.instances.length - asked.length;
  return [
    found.door,
    found.status,
    found.health,
    found.versionLabel,
    `${found.instances.length}${unasked > 0 ? ` (${unasked} silent)` : ''}`,
    distinct(crons),
    distinct(stamps),
  ];
}

const distinct = (words: string[]) => [...new Set(words)].join(', ') || '-';

const hosts = ({ observed }: Status) => table(['HOST', 'RECORD'], Object.entries(observed.hosts));

const databases = ({ declared, observed }: Status) =>
  table(
    ['DATABASE', 'STATUS', 'USED BY', 'ENDPOINT'],
    observed.databases.map(({ id, status, endpoint }) => [
      id,
      status,
      Object.values(declared.sides).find(({ database }) => database?.id === id)?.side ?? '-',
      endpoint ?? '-',
    ]),
  );

function verdict({ differences }: Status): string {
  if (differences.length === 0) return 'Everything observed is as declared.';
  return `${differences.length} difference(s):\n${table(
    ['WHERE', 'WHAT', 'DECLARED', 'OBSERVED'],
    differences.map(({ where, what, declared, observed }) => [where, what, declared, observed]),
  )}`;
}

const moves = ({ moves }: Status) =>
  moves.length === 0
    ? 'No other posture may be deployed now.'
    : `Postures that may be deployed next:\n${table(
        ['POSTURE', 'COMMAND'],
        moves.map(({ posture, command }) => [posture, command]),
      )}`;

if (require.main === module) main(script);
