import type { Ports } from '../../../../lib/upgrade/ports';
import { cutover } from '../../../../lib/upgrade/runbooks/cutover';
import { needed as neededBy } from '../../../support/needed';
import { directions } from '../../../support/upgrade';

/** What must be over before a step begins, whatever else the night gains or loses. */
const rules: [step: string, needs: string[]][] = [
  // What is acknowledged after it began would be lost.
  ['snapshot', ['close-door', 'refused', 'stop-jobs', 'at-rest', 'record-frozen']],
  // A command that runs would end in the middle, and a key may be read until it is denied.
  ['freeze', ['stop-jobs', 'deny-keys', 'reader']],
  ['verify', ['restore']],
  ['migrate', ['verify', 'keep-blocked-emails']],
  // Nobody holds the keys before the other side was proved to have given them up.
  ['allow-keys', ['prove-frozen']],
  ['repoint', ['prove-frozen', 'allow-keys', 'verify', 'rest-new-side']],
  // Nobody meets a copy that is not ready.
  ['let-testers-in', ['repoint', 'migrate', 'empty-sessions']],
  ['names', ['let-testers-in', 'smoke-preview']],
  ['test', ['names', 'convert', 'put-back-blocked-emails', 'smoke-names', 'look']],
  ['open-door', ['test']],
  // The sender would mail people, and a new instance starts cron by itself.
  ['start-jobs', ['record-open', 'put-back-blocked-emails']],
  ['release', ['test']],
];

describe.each(directions)('the night %s', (_, settings) => {
  const { steps } = cutover({ settings } as Ports);
  const needed = (id: string) => neededBy(steps, id);

  // An adopted side has no names to ask it by before.
  const ids = new Set(steps.map(({ id }) => id));

  test.each(rules)('%s begins only after what it rests on', (id, needs) => {
    expect([...needed(id)]).toEqual(expect.arrayContaining(needs.filter((each) => ids.has(each))));
  });

  test.each([
    ['snapshot', 'freeze'],
    ['migrate', 'repoint'],
    ['convert', 'names'],
    ['verify', 'warm'],
  ])('%s and %s do not wait for each other', (one, other) => {
    expect(needed(one)).not.toContain(other);
    expect(needed(other)).not.toContain(one);
  });

  test('people are served before the side grows', () => {
    expect(needed('full-size')).toContain('welcome');
    expect(needed('welcome')).not.toContain('full-size');
  });
});
