import { lastDatabaseOf } from '../lib/record';
import { activitySection } from '../lib/report/page/activity';
import { reportPage } from '../lib/report/page/report-page';
import { keptActivity } from '../lib/upgrade/database/count-activity';
import { failback } from '../lib/upgrade/runbooks/failback';
import { writeActivity } from './activity';
import { main } from './terminal/command';
import { folderOf, keepReport, reportFileOf, timeZone } from './terminal/keep-report';
import { type RunbookOptions, runbookScript } from './terminal/runbook-script';

export const script = runbookScript<RunbookOptions>({
  name: 'failback',
  description:
    'Goes back to the old side, from any point of a cutover: counts what people did on the new one, and has that number confirmed if any of it would be lost.',
  gatesExpire: true,
  runbook: failback,
  after: async ({ report }, { ports, operator, options }) => {
    const { settings, clock } = ports;
    const counted = report.steps.find(({ id }) => id === 'count');
    const given = lastDatabaseOf(await ports.record.recorded(), settings.upgrade.to);
    const activity = counted?.finishedAt && given && (await keptActivity(ports, given.id));
    if (!activity) return;
    const page = reportPage(report, { timeZone: timeZone(), more: activitySection(settings, activity) });
    keepReport(report, reportFileOf(report, options.report), page);
    for (const file of writeActivity(settings, activity, folderOf(report)))
      operator.tell({
        code: 'PROGRESS',
        at: clock.now(),
        step: 'count',
        text: `each row is listed in ${file}`,
      });
  },
});

if (require.main === module) main(script);
