import { type DatabaseRecord, databaseOf, lastDatabaseOf, type Recorded } from '../../record';
import { type Activity, type ActivityRow, activityRow, activityShape } from '../../report/activity';
import { activityCsv } from '../../report/activity-csv';
import { activityPage } from '../../report/activity-page';
import { PreconditionError, StepFailedError } from '../../runbook/errors';
import type { Settings } from '../../settings';
import { listed, loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { instanceNear } from '../side/choose-instance';

type Tables = NonNullable<Settings['activity']>;

/**
 * Counts what people did on the new side: the rows of its database that the database it was copied from lacks. It is exact
 * while that one has not been written since the snapshot and nobody writes to the other any more.
 * @returns undefined where the new side has no database of its own, or the settings name no tables
 * @throws PreconditionError SOURCE_UNKNOWN, and those of a database that does not answer
 */
export async function countActivity(ports: Ports): Promise<Activity | undefined> {
  const { settings, record: store } = ports;
  const pair = copyAndSource(settings, await store.read());
  if (!settings.activity || !pair) return undefined;
  const { copy, source } = pair;
  ports.progress(`counting what ${copy.id} has and ${source.id} has not`);
  const instance = await instanceNear(ports, settings.upgrade.to);
  const lines = await onInstance(ports, instance, 'count-activity', [
    ...loginArguments(settings, source.endpoint, 'writer'),
    copy.endpoint,
    ...tableArguments(settings.activity),
  ]);
  const rows = listed(lines, 'row').map((text) => understood(instance, text));
  return { database: copy.id, source: source.id, countedAt: ports.clock.now().toISOString(), rows };
}

type Reached = DatabaseRecord & { endpoint: string };

/**
 * The database of the new side and the one of the old side that it was copied from. Undefined while there is no copy of it:
 * that of an upgrade before has nothing to do with this one.
 * @throws PreconditionError SOURCE_UNKNOWN when the new side is live on something else
 */
export function copyAndSource(
  { upgrade: { from, to } }: Settings,
  record: Recorded,
): { copy: Reached; source: Reached } | undefined {
  const copy = lastDatabaseOf(record, to);
  const source = databaseOf(record, from);
  const isPair = copy?.endpoint && source?.endpoint && source.id === copy.source?.instance;
  if (isPair) return { copy: copy as Reached, source: source as Reached };
  if (!copy || record.posture.live !== to) return undefined;
  throw new PreconditionError('SOURCE_UNKNOWN', {
    so: `The record does not tell that ${copy.id} was copied from the database of ${from}, ${source?.id ?? 'which has none'}.`,
    next: 'Look at its latest rows yourself, then confirm with --confirm uncounted.',
  });
}

const none = '-';

function tableArguments({ people, tables }: Tables): string[] {
  return [
    people.table,
    people.key,
    people.number,
    ...tables.flatMap(({ table, newer, at, who, number, amount, what }) => [
      table,
      newer.join(','),
      ...[at, who, number, amount, what].map((column) => column ?? none),
    ]),
  ];
}

function understood(instance: string, text: string): ActivityRow {
  try {
    return activityRow.parse(JSON.parse(text));
  } catch (cause) {
    throw new StepFailedError(
      'ACTIVITY_UNREADABLE',
      {
        so: `The instance ${instance} was asked what people did and answered "${text.slice(0, 200)}".`,
        changed: 'Nothing was changed.',
        next: 'Compare lib/on-instance/count-activity.sh with lib/report/activity.ts.',
      },
      { cause },
    );
  }
}

/** Where what was counted is kept in the operations bucket. */
export const activityKey = (database: string, kind: 'json' | 'csv' | 'html') =>
  `activity/${database}/activity.${kind}`;

/** Keeps it for programs, for spreadsheets and for people. */
export async function keepActivity(ports: Ports, activity: Activity): Promise<void> {
  const { settings, objects } = ports;
  const texts = {
    json: `${JSON.stringify(activity, undefined, 1)}\n`,
    csv: activityCsv(settings, activity),
    html: activityPage(settings, activity),
  };
  for (const kind of ['json', 'csv', 'html'] as const) {
    const key = activityKey(activity.database, kind);
    const found = await objects.read(key);
    await objects.write(key, texts[kind], found ? { tag: found.tag } : 'absent');
  }
}

/** What was counted last of a database; undefined when nothing was. */
export async function keptActivity({ objects }: Ports, database: string): Promise<Activity | undefined> {
  const found = await objects.read(activityKey(database, 'json'));
  return found && activityShape.parse(JSON.parse(found.text));
}
