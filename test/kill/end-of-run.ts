import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { parameterNames } from '../../lib/names';
import { activityShape } from '../../lib/report/activity';
import type { Report } from '../../lib/report/report';
import { readLock } from '../../lib/runbook/lock-file';
import { status } from '../../lib/upgrade/side/status';
import { isCounted } from '../../scripts/rehearsal/rehearsed-lifecycle';
import { folderOf } from '../../scripts/terminal/keep-report';
import type { Stage } from '../support/stage';

/**
 * What must be the same at the end of a run, whatever happened to its processes: all that the runbook decides, and that nothing was
 * broken by it. What visitors did meanwhile is their own.
 */
export async function endOf(stage: Stage, report: Report) {
  const { sandbox } = stage;
  const ports = await stage.ports();
  const { observed, differences } = await status(ports);
  const record = await stage.record();
  const environments = sandbox.beanstalk.environments();
  return {
    result: report.result,
    posture: report.posture,
    differences,
    broken: await brokenIn(stage, report),
    lock: (await readLock(ports.objects))?.lock.state,
    steps: Object.fromEntries(report.steps.map(({ id, state }) => [id, isDone.has(state) ? 'done' : state])),
    record: { posture: record.posture, databases: record.databases.map(withoutCounts) },
    names: observed.hosts,
    environments: Object.fromEntries(
      environments.map(({ name, status: state, versionLabel, configuration }) => [
        name,
        { state, versionLabel, options: configuration.settings(), processes: variablesIn(stage, name) },
      ]),
    ),
    stacks: Object.fromEntries(
      sandbox.cloudFormation.stacks
        .live()
        .map(({ name, status: state, desired }) => [name, { state, template: desired?.template }]),
    ),
    ...(await databases()),
  };
}
export type End = Awaited<ReturnType<typeof endOf>>;

/** What was broken, but for the rows that a failback counted and a person gave up. */
export async function brokenIn({ sandbox }: Stage, report: Report): Promise<string[]> {
  await sandbox.judge.settle();
  const { broken, missing } = sandbox.judge.verdict();
  const file = path.join(folderOf(report), 'activity.json');
  const givenUp = existsSync(file) ? activityShape.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  return [
    ...broken
      .filter(({ invariant }) => invariant !== 'no acknowledged write missing from the live side')
      .map(({ invariant, evidence }) => `${invariant}: ${evidence}`),
    ...missing
      .filter((writes) => !isCounted(writes, givenUp))
      .map(({ table, ids, database }) => `lost: ${table} ${ids.join(', ')} of ${database}`),
  ];
}

const isDone = new Set(['done', 'proved', 'already']);

/** How many rows there were depends on who wrote what by then. */
function withoutCounts({
  sourceWrites: _,
  verified,
  ...record
}: Record<string, unknown> & { verified?: unknown }) {
  return { ...record, isVerified: verified !== undefined };
}

/** The variables that the web processes of an environment were started with: the same ones, once. */
function variablesIn(stage: Stage, environment: string): Record<string, string>[] {
  const { settings, sandbox } = stage;
  const { reader } = settings.database;
  // Made up by each world for itself.
  const password = sandbox.world.parameters.read(parameterNames(settings).secret(reader.secret))?.value;
  const different = new Set(
    stage
      .processes(environment)
      .map((environ) =>
        JSON.stringify(Object.entries(environ).sort()).replaceAll(password ?? ' ', reader.user),
      ),
  );
  return [...different].map((text) => Object.fromEntries(JSON.parse(text)));
}

async function databases() {
  const rds = new RDSClient({});
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
  const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand({}));
  return {
    databases: DBInstances.map(({ DBInstanceIdentifier, DBInstanceStatus, DBInstanceClass }) =>
      [DBInstanceIdentifier, DBInstanceStatus, DBInstanceClass].join(' '),
    ).sort(),
    snapshots: DBSnapshots.map(
      ({ DBSnapshotIdentifier, Status }) => `${DBSnapshotIdentifier} ${Status}`,
    ).sort(),
  };
}

/** Where two ends are not the same, as paths with both values. */
export function unlike(one: unknown, other: unknown, at = ''): string[] {
  if (isObject(one) && isObject(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return keys.flatMap((key) => unlike(one[key], other[key], `${at}/${key}`));
  }
  return Object.is(one, other) ? [] : [`${at}: ${JSON.stringify(one)}, and ${JSON.stringify(other)}`];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
