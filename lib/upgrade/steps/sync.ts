import type { Step } from '../../runbook/step';
import { fact } from '../../runbook/step';
import { sides } from '../../settings';
import type { Ports } from '../ports';
import { liveDatabase } from '../side/reader';
import { beginUsing, sync, usedEvidence, usingGoesOn } from '../test-system/sync';
import { changeSetCalls } from './deploy-step';
import { condition, told } from './night';
import { plainStep } from './plain-step';

/** As long as Run Command lets it run. */
const deadlineMinutes = 48 * 60;

/** S6 on production, U9: hours, while people use the side. */
export const fill = (ports: Ports): Step =>
  plainStep({
    id: 'sync',
    title: 'Fill the tables on the live side',
    seed: ['U9'],
    after: [],
    minutes: 180,
    deadlineMinutes,
    calls: ['on instance: manage', 'ssm PutParameter'],
    byHand: `On one instance of the live side: ./manage.py ${ports.settings.sync?.command.join(' ')}`,
    gate: async () => ({
      will: [
        `manage.py ${ports.settings.sync?.command.join(' ')} runs on the live side for hours, beside what people do there. Nothing is restarted.`,
      ],
      check: ['No release, freeze or failback is planned for the next hours: each of them may cut it off.'],
    }),
    postconditions: [
      condition('the live database is recorded as synced', async () => {
        const { database } = await liveDatabase(ports);
        return [fact(`the record of ${database.id}`, database.synced ? 'synced' : 'not synced', 'synced')];
      }),
    ],
    act: async () => {
      const { database, rows } = await sync(ports);
      return [told(`rows that ${database} has of it`, String(rows))];
    },
  });

/** Then the application may read them. */
export const use = (ports: Ports): Step =>
  plainStep({
    id: 'use',
    title: 'Let the application use them',
    seed: ['U9'],
    after: ['sync'],
    minutes: 6,
    deadlineMinutes: 60,
    calls: [...changeSetCalls, 'elasticbeanstalk UpdateEnvironment', 'elasticbeanstalk RestartAppServer'],
    touches: [...sides],
    byHand: 'npx cdk deploy --all',
    gate: async () => ({
      will: [
        `${ports.settings.sync?.variable.name} is set on the live side, which starts its processes anew: for some seconds visitors may be refused.`,
      ],
      check: ['This is a quiet hour.'],
    }),
    postconditions: [condition('every process of the live side is as declared', () => usedEvidence(ports))],
    act: async () => {
      await beginUsing(ports);
      return [];
    },
    underway: () => usingGoesOn(ports),
    attempts: 4,
    reads: 2,
  });
