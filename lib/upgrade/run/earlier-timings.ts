import { type Timings, timingsOf } from '../../report/forecast';
import type { Report } from '../../report/report';
import type { Store } from '../../runbook/store';

/** More say little more, and each is one call. */
const mostRuns = 5;

/**
 * What each step of a runbook took in the last runs that were carried out to their end, as their reports say. Modelled
 * minutes and measured ones are never mixed; both directions take as long. A report that cannot be understood says nothing.
 */
export async function earlierTimings(
  objects: Pick<Store, 'list' | 'read'>,
  name: string,
  modelled: boolean,
): Promise<Timings> {
  const ofRunbook = new RegExp(`^runs/[^/]*-${name}[^/]*/report\\.json$`);
  const keys = (await objects.list('runs/')).filter((key) => ofRunbook.test(key));
  const reports: Report[] = [];
  for (const key of keys.reverse()) {
    const report = parsed((await objects.read(key))?.text);
    if (report?.runbook !== name || report.result !== 'done') continue;
    if ((report.minutesAre === 'modelled') !== modelled) continue;
    if (reports.push(report) === mostRuns) break;
  }
  return timingsOf(reports);
}

function parsed(text = ''): Report | undefined {
  try {
    const report = JSON.parse(text);
    return Array.isArray(report?.steps) ? report : undefined;
  } catch {
    return undefined;
  }
}
