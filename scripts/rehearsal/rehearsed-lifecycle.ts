import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { previewHost } from '../../lib/names';
import { type Activity, activityShape } from '../../lib/report/activity';
import { lifecyclePage } from '../../lib/report/page/lifecycle-page';
import type { Report } from '../../lib/report/report';
import { InvariantError, StepFailedError } from '../../lib/runbook/errors';
import { readSettings, type Settings } from '../../lib/settings';
import { environmentNames } from '../../lib/upgrade/side/choose-instance';
import type { MissingWrites, Verdict } from '../../sandbox/judge/verdict';
import { folderOf, pageFileOf } from '../terminal/keep-report';
import { table } from '../terminal/table';
import { logFile, nightZone, type Rehearsal } from './rehearsal';
import { mustRun } from './rehearsed-night';
import { originalDatabase } from './world-before';

/** From a production made by hand to the next upgrade: one report a runbook, in the order in which they were carried out. */
export interface Lifecycle {
  sections: Report[];
  /** What people did on the side that was given up, as the failback counted it. */
  givenUp: Activity | undefined;
  invariants: { checked: number; broken: string[] };
  seconds: number;
}

export const lifecycleFile = 'rehearsal/report.json';
const adoptedFile = 'rehearsal/adopted.yaml';
const nextFile = 'rehearsal/next.yaml';
const sectionFile = 'rehearsal/section.json';

const dayMs = 24 * 60 * 60_000;
const minuteMs = 60_000;
const quietMinutes = 16;

/**
 * All that there is, as a person types it.
 * @throws StepFailedError REHEARSAL_FAILED, InvariantError INVARIANT_BROKEN
 */
export async function rehearseLifecycle(
  rehearsal: Rehearsal,
  settings: Settings,
  words = '',
): Promise<Lifecycle> {
  const sinceMs = Date.now();
  for (const file of [lifecycleFile, pageFileOf(lifecycleFile), adoptedFile, nextFile])
    rmSync(file, { force: true });
  const played = new Played(rehearsal, words);
  await played.adopt(settings);
  await played.section('Days before: the new side is built', 'npm run prep -- --yes');
  await played.section('The night', 'npm run cutover -- --yes');
  rehearsal.announce('People use it for a few minutes', '');
  await rehearsal.pass(3 * minuteMs);
  const givenUp = await played.failBack();
  await played.section('Another night', 'npm run cutover -- --yes');
  await played.section('Days later: the sync', 'npm run sync -- --yes');
  await played.tidyUp(settings);
  await played.nextUpgrade(settings);
  rehearsal.announce('A plain deploy changes nothing', 'npx cdk deploy --all');
  await mustRun(rehearsal, 'npx cdk deploy --all');
  const lifecycle = judged(
    played.sections,
    givenUp,
    await rehearsal.verdict(),
    (Date.now() - sinceMs) / 1000,
  );
  writeFileSync(lifecycleFile, `${JSON.stringify(lifecycle, undefined, 2)}\n`);
  writeFileSync(pageFileOf(lifecycleFile), lifecyclePage(lifecycle, settings, nightZone));
  if (lifecycle.invariants.broken.length > 0) throw broken(lifecycle);
  return lifecycle;
}

class Played {
  readonly sections: Report[] = [];

  constructor(
    private readonly rehearsal: Rehearsal,
    /** Further options of every runbook's command. */
    private readonly words: string,
  ) {}

  /** Carries one runbook out and keeps its report. */
  async section(title: string, command: string, mayEndWith = [0]): Promise<number> {
    rmSync(sectionFile, { force: true });
    this.rehearsal.announce(title, command);
    const exitCode = await this.rehearsal.run(`${command} ${this.words}--report ${sectionFile}`);
    if (!mayEndWith.includes(exitCode)) throw failed(command, exitCode);
    if (existsSync(sectionFile)) this.sections.push(JSON.parse(readFileSync(sectionFile, 'utf8')));
    return exitCode;
  }

  async adopt({ upgrade, sides }: Settings): Promise<void> {
    const live = Object.entries(sides[upgrade.from].environments);
    const named = live.map(([role, { name }]) => `${role}=${name}`).join(',');
    const write = `npm run adopt -- --write ${adoptedFile} --environments ${named}`;
    this.rehearsal.announce('A production that was made by hand: its settings are read', write);
    await mustRun(this.rehearsal, write);
    this.rehearsal.use(adoptedFile);
    await this.section('It is imported as it is', 'npm run adopt -- --yes');
    await this.section('A quiet hour: it is sealed', 'npm run adopt -- --seal --yes');
  }

  /** The person sees how many rows are lost before they confirm that number. */
  async failBack(): Promise<Activity | undefined> {
    const title = 'Something is wrong with it: back';
    const exitCode = await this.section(title, 'npm run failback -- --yes', [0, 6]);
    if (exitCode === 0) return undefined;
    const asked = this.sections.pop()!;
    const lost = asked.steps
      .flatMap(({ evidence }) => evidence)
      .find(({ what }) => what === 'rows that are lost with it')!.observed;
    await this.section(
      `The person has looked at the ${lost} rows`,
      `npm run failback -- --yes --confirm ${lost}`,
    );
    const file = path.join(folderOf(this.sections.at(-1)!), 'activity.json');
    return activityShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  }

  async tidyUp(settings: Settings): Promise<void> {
    const { from } = settings.upgrade;
    const { afterDays } = readSettings(adoptedFile).tidyUp;
    this.rehearsal.announce(`${afterDays} days go by`, '');
    this.rehearsal.leap(afterDays * dayMs);
    // Nobody may have come to the old side for a quarter of an hour.
    await this.rehearsal.pass(quietMinutes * minuteMs);
    const [paying = ''] = environmentNames(settings, from);
    // The records, the environments, the database.
    const words = [previewHost(settings, paying), paying, originalDatabase(settings)];
    const confirmed = words.map((word) => `--confirm ${word}`).join(' ');
    await this.section('The old side goes', `npm run tidy-up -- --yes ${confirmed}`);
  }

  /** A person exchanges the direction; the side that is gone is built new. */
  async nextUpgrade({ upgrade: { from, to }, sides }: Settings): Promise<void> {
    const document = parseDocument(readFileSync(adoptedFile, 'utf8'));
    document.setIn(['upgrade', 'from'], to);
    document.setIn(['upgrade', 'to'], from);
    for (const role of Object.keys(sides[from].environments))
      for (const ofAdopted of ['adoptedCname', 'ownRole'])
        document.deleteIn(['sides', from, 'environments', role, ofAdopted]);
    // Everybody is converted: the database that is copied now knows no unregistered users any more.
    document.delete('conversion');
    writeFileSync(nextFile, document.toString({ lineWidth: 120 }));
    this.rehearsal.use(nextFile);
    await this.section(`The next upgrade, from ${to} to ${from}: prep`, 'npm run prep -- --yes');
    await this.section('Its night', 'npm run cutover -- --yes');
  }
}

function judged(
  sections: Report[],
  givenUp: Activity | undefined,
  { checked, broken, missing }: Verdict,
  seconds: number,
): Lifecycle {
  const unexplained = missing.filter((each) => !isCounted(each, givenUp));
  const others = broken.filter(({ invariant }) => !invariant.startsWith('no acknowledged write'));
  return {
    sections,
    givenUp,
    invariants: {
      checked: checked + sections.reduce((sum, { invariants }) => sum + invariants.checked, 0),
      broken: [
        ...sections.flatMap(({ invariants }) => invariants.broken),
        ...others.map(({ invariant, evidence }) => `${invariant}: ${evidence}`),
        ...unexplained.map(({ table, ids, database }) => `lost: ${table} ${ids.join(', ')} of ${database}`),
      ],
    },
    seconds: Math.round(seconds),
  };
}

/** Whether rows that people miss are those that a person gave up; of tables that nobody counts, those of that database. */
export function isCounted({ table, ids, database }: MissingWrites, givenUp: Activity | undefined): boolean {
  if (givenUp?.database !== database) return false;
  const counted = givenUp.rows.filter((row) => row.table === table).map(({ key }) => key);
  const isListed = counted.length > 0;
  return !isListed || ids.every((id) => counted.includes(String(id)));
}

/** One line a runbook. */
export function lifecycleTold({ sections, givenUp, invariants, seconds }: Lifecycle): string {
  const rows = sections.map(({ title, result, outageMinutes, awsBoundMinutes, toolSeconds, steps }) => [
    title,
    result,
    `${steps.length}`,
    outageMinutes === undefined ? '-' : `${outageMinutes}`,
    `${awsBoundMinutes}`,
    `${toolSeconds}`,
  ]);
  return [
    table(['RUNBOOK', 'RESULT', 'STEPS', 'OUTAGE MIN', 'AWS MIN', 'TOOL S'], rows),
    `Minutes are modelled. Given up by the failback, and confirmed: ${givenUp?.rows.length ?? 0} rows.`,
    `Invariants: ${invariants.checked} checked, ${invariants.broken.length} broken. The whole took ${seconds} seconds.`,
  ].join('\n');
}

function failed(command: string, exitCode: number): StepFailedError {
  return new StepFailedError('REHEARSAL_FAILED', {
    so: `"${command}" ended with exit code ${exitCode}.`,
    changed: 'The sandbox is gone with this rehearsal; nothing else was touched.',
    next: `Read the lines above, and ${logFile}.`,
  });
}

function broken({ invariants }: Lifecycle): InvariantError {
  return new InvariantError('INVARIANT_BROKEN', {
    so: `This must never be so and was seen: ${invariants.broken.join('; ')}.`,
    changed: 'The sandbox is gone with this rehearsal; nothing else was touched.',
    next: `Read ${lifecycleFile} and ${logFile}.`,
  });
}
