import { lastDatabaseOf } from '../lib/record';
import { keptActivity } from '../lib/upgrade/count-activity';
import { failback } from '../lib/upgrade/runbooks/failback';
import { writeActivity } from './activity';
import { main } from './command';
import { folderOf, runbookScript } from './runbook-script';

export const script = runbookScript({
  name: 'failback',
  description:
    'Goes back to the old side, from any point of a cutover: counts what people did on the new one, and has that number confirmed if any of it would be lost.',
  runbook: failback,
  after: async ({ report }, { ports, operator }) => {
    const { settings, clock } = ports;
    const counted = report.steps.find(({ id }) => id === 'count');
    const given = lastDatabaseOf(await ports.record.read(), settings.upgrade.to);
    const activity = counted?.finishedAt && given && (await keptActivity(ports, given.id));
    if (!activity) return;
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
