import { parseObservation } from '../../../../lib/upgrade/side/observation';
import { rejection } from '../../../support/upgrade-world';

const lines = [
  'crond stopped disabled',
  'commands 0',
  'process 2101',
  'UPGRADE_POSTURE=fenced@1',
  'RDS_DB_NAME=',
  'payment STRIPE_SECRET_KEY not-set',
  'forbidden MP_USE_DJANGO absent',
  'process 2102',
  'MAINTENANCE_MODE=a=b',
  'payment STRIPE_SECRET_KEY armed',
];

describe('the observation of an instance', () => {
  it('tells what cron does and what each process obeys', () => {
    expect(parseObservation('i-1', lines)).toEqual({
      instance: 'i-1',
      cron: { running: false, enabled: false },
      commands: 0,
      processes: [
        {
          pid: 2101,
          variables: { UPGRADE_POSTURE: 'fenced@1', RDS_DB_NAME: '' },
          payments: { STRIPE_SECRET_KEY: 'not-set' },
          forbidden: { MP_USE_DJANGO: 'absent' },
        },
        {
          pid: 2102,
          variables: { MAINTENANCE_MODE: 'a=b' },
          payments: { STRIPE_SECRET_KEY: 'armed' },
          forbidden: {},
        },
      ],
    });
  });

  it.each([
    ['nothing at all', []],
    ['no line about cron', ['commands 0']],
    ['a state of cron it does not know', ['crond dying enabled', 'commands 0']],
    ['a line that is none of these', [...lines, 'segmentation fault']],
    ['a variable of no process', ['crond stopped disabled', 'commands 0', 'A=b']],
  ])('does not take %s for an answer', async (_, answer) => {
    const error = await rejection(Promise.resolve().then(() => parseObservation('i-1', answer)));
    expect(error.code).toBe('OBSERVATION_UNREADABLE');
  });
});
