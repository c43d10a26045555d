import { readFileSync, rmSync } from 'node:fs';
import { reportPage } from '../../lib/report/page/report-page';
import type { Report } from '../../lib/report/report';
import { InvariantError, StepFailedError } from '../../lib/runbook/errors';
import type { Settings } from '../../lib/settings';
import type { Verdict } from '../../sandbox/judge/verdict';
import { keepReport, pageFileOf } from '../terminal/keep-report';
import { logFile, nightZone, type Rehearsal } from './rehearsal';

export const reportFile = 'rehearsal/report.json';

/** What a person types: the new side is built days before, and the night is one command. */
const commands = ({ upgrade: { to } }: Settings, words: string): [title: string, command: string][] => [
  [`Days before: build ${to}, fenced, on the database for preparation`, 'npx cdk deploy --all'],
  ['The night', `npm run cutover -- --yes ${words}--report ${reportFile}`],
];

/**
 * The whole upgrade in a sandbox.
 * @param options.words further options of the night's command, each with a blank after it
 * @returns the run's report, in which the sandbox's judge is counted in
 * @throws StepFailedError REHEARSAL_FAILED, InvariantError INVARIANT_BROKEN
 */
export async function rehearseNight(
  rehearsal: Rehearsal,
  settings: Settings,
  options: { words?: string } = {},
): Promise<Report> {
  for (const file of [reportFile, pageFileOf(reportFile)]) rmSync(file, { force: true });
  for (const [title, command] of commands(settings, options.words ?? '')) {
    rehearsal.announce(title, command);
    await mustRun(rehearsal, command);
  }
  const verdict = await rehearsal.verdict();
  const report = judgedFromInside(JSON.parse(readFileSync(reportFile, 'utf8')), verdict);
  keepReport(report, reportFile, reportPage(report, { timeZone: nightZone }));
  if (report.invariants.broken.length > 0) throw broken(report);
  return report;
}

/** @throws StepFailedError REHEARSAL_FAILED */
export async function mustRun(rehearsal: Rehearsal, command: string): Promise<void> {
  const exitCode = await rehearsal.run(command);
  if (exitCode === 0) return;
  throw new StepFailedError('REHEARSAL_FAILED', {
    so: `"${command}" ended with exit code ${exitCode}.`,
    changed: 'The sandbox is gone with this rehearsal; nothing else was touched.',
    next: 'Read the lines above; npm run sandbox -- --env-file FILE lets you type the commands one by one.',
  });
}

/** The run judges what it can observe; the sandbox sees every process, row and e-mail, after every event. */
function judgedFromInside(report: Report, { checked, broken }: Verdict): Report {
  const seen = broken.map(({ invariant, evidence }) => `${invariant}: ${evidence}`);
  const { invariants } = report;
  return {
    ...report,
    invariants: { checked: invariants.checked + checked, broken: [...invariants.broken, ...seen] },
  };
}

function broken({ invariants }: Report): InvariantError {
  return new InvariantError('INVARIANT_BROKEN', {
    so: `This must never be so and was seen: ${invariants.broken.join('; ')}.`,
    changed: 'The sandbox is gone with this rehearsal; nothing else was touched.',
    next: `Read ${reportFile} and ${logFile}.`,
  });
}
