import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Activity, lostRows, money, tallies } from '../lib/report/activity';
import { activityCsv } from '../lib/report/activity-csv';
import { activityPage } from '../lib/report/activity-page';
import type { Settings } from '../lib/settings';
import { countActivity } from '../lib/upgrade/database/count-activity';
import { main, type Script } from './terminal/command';
import { table } from './terminal/table';

interface Counted {
  activity: Activity | undefined;
  lost: number;
  text: string;
  files: string[];
}

export const script: Script<{ to: string }, Counted> = {
  name: 'activity',
  description:
    'Counts what people did on the new side, as its database has it and the one it was copied from has not. Changes nothing.',
  options: (command) =>
    command.option('--to <dir>', 'where activity.csv and activity.html are written', 'runs/activity'),
  act: async ({ options, settings, ports }) => {
    const activity = await countActivity(await ports());
    if (!activity) return { activity, files: [], lost: 0, text: nothing(settings) };
    const files = writeActivity(settings, activity, options.to);
    return { activity, files, lost: lostRows(settings, activity), text: tallied(settings, activity) };
  },
  print: ({ text, lost, files }) => [text, `${lost} rows would be lost.`, ...files].join('\n'),
};

const nothing = ({ activity, upgrade }: Settings) =>
  activity
    ? `${upgrade.to} has no database of its own.`
    : 'The settings do not say where activity shows (activity).';

function tallied(settings: Settings, activity: Activity): string {
  const rows = tallies(settings, activity).map(({ kind, table, rows, testers, cents, isLost }) => [
    kind,
    table,
    String(rows),
    String(testers),
    cents === undefined ? '-' : money(cents),
    isLost ? 'yes' : 'no',
  ]);
  return table(['WHAT', 'TABLE', 'ROWS', 'OF TESTERS', 'AMOUNTS', 'LOST'], rows);
}

/** As a spreadsheet, as a page and for programs; their paths. */
export function writeActivity(settings: Settings, activity: Activity, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const texts = {
    csv: activityCsv(settings, activity),
    html: activityPage(settings, activity),
    json: `${JSON.stringify(activity, undefined, 1)}\n`,
  };
  return Object.entries(texts).map(([kind, text]) => {
    const file = path.join(folder, `activity.${kind}`);
    writeFileSync(file, text);
    return file;
  });
}

if (require.main === module) main(script);
