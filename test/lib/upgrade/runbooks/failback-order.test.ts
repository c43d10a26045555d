import type { Ports } from '../../../../lib/upgrade/ports';
import { failback } from '../../../../lib/upgrade/runbooks/failback';
import { needed as neededBy } from '../../../support/needed';
import { directions } from '../../../support/upgrade';

const rules: [step: string, needs: string[]][] = [
  // What is counted before nobody is let in any more is not all of it.
  ['count', ['close-door', 'refused', 'rest-new-side']],
  // The record gives the new side's database up: a person has seen what is lost.
  ['names', ['losses', 'refused', 'rest-new-side']],
  ['swap-keys', ['close-door']],
  ['open-door', ['names', 'ready-old-side', 'losses', 'rest-new-side']],
  // A new instance starts cron by itself, and cron mails and charges.
  ['release', ['take-over-sent', 'fence-new-side', 'rest-new-side']],
  ['start-jobs', ['release', 'take-over-sent', 'fence-new-side', 'losses']],
  ['full-size', ['start-jobs', 'welcome']],
];

describe.each(directions)('the way back from %s', (_, settings) => {
  const { steps } = failback({ settings } as Ports);
  const needed = (id: string) => neededBy(steps, id);

  test.each(rules)('%s begins only after what it rests on', (id, needs) => {
    expect([...needed(id)]).toEqual(expect.arrayContaining(needs));
  });

  test('the old side is made ready beside the counting', () => {
    expect(needed('ready-old-side')).not.toContain('count');
    expect(needed('count')).not.toContain('ready-old-side');
  });

  test('nobody waits for the new side once they can be served', () => {
    expect(needed('welcome')).not.toContain('fence-new-side');
    expect(needed('open-door')).not.toContain('fence-new-side');
  });
});
