import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { reportPage } from '../../lib/report/page/report-page';
import type { Report } from '../../lib/report/report';

/** The folder of a run on this machine. */
export const folderOf = ({ run }: Pick<Report, 'run'>) => path.join('runs', run);

export const reportFileOf = (report: Pick<Report, 'run'>, chosen: string | undefined) =>
  chosen ?? path.join(folderOf(report), 'report.json');

/** The page beside a report, such as runs/<run>/report.html. */
export const pageFileOf = (reportFile: string) => `${reportFile.replace(/\.json$/, '')}.html`;

/** Writes a report, and its page beside it. */
export function keepReport(report: Report, file: string, page = pageOf(report)): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(pageFileOf(file), page);
}

/** Times are told as this machine's people read them. */
export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const pageOf = (report: Report) => reportPage(report, { timeZone: timeZone() });
