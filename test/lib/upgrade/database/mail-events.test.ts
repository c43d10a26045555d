import { mailEventsWarning } from '../../../../lib/upgrade/database/mail-events';
import { cobalt } from '../../../support/upgrade';

test('whoever begins an outage is told which host loses events, for how long, and what keeps them', () => {
  const told = mailEventsWarning(cobalt, 53.2);
  expect(told).toHaveLength(2);
  expect(told[0]).toContain('about 54 minutes ses.myabf.com.au refuses');
  expect(told[0]).toContain('lost for good');
  expect(told[1]).toContain('give the subscription of ses.myabf.com.au a dead-letter queue before you begin');
  expect(told.join(' ')).not.toContain(' myabf.com.au');
});

test('nothing is told where no role receives any', () => {
  const { ses, ...others } = cobalt.roles;
  expect(mailEventsWarning({ ...cobalt, roles: others }, 53)).toEqual([]);
  expect(
    mailEventsWarning({ ...cobalt, roles: { ...others, ses: { ...ses!, mailEvents: false } } }, 53),
  ).toEqual([]);
});
