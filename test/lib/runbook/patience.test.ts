import { PreconditionError } from '../../../lib/runbook/errors';
import { patient, silentMs } from '../../../lib/runbook/patience';
import { playedClock } from '../../support/clock';

const away = new PreconditionError('AWAY', { so: 'It is away.', next: 'Look.' });
let nowMs: number;
let told: string[];
beforeEach(() => {
  [nowMs, told] = [0, []];
});

const clock = playedClock(
  () => new Date(nowMs),
  async () => {},
);

/** A look that goes through these answers; the last one stays. */
function look(...answers: (string | Error)[]) {
  const passes = ({ code }: { code: string }) => code === 'AWAY';
  return patient({ clock, passes, tell: (text) => told.push(text) }, async () => {
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer instanceof Error) throw answer;
    return answer;
  });
}

test('what passes is no answer, and is told', async () => {
  const looking = look(away, 'here');
  expect([await looking(), await looking()]).toEqual([undefined, 'here']);
  expect(told).toEqual(['It is away.']);
});

test('what goes on for too long is the error', async () => {
  const looking = look(away);
  expect(await looking()).toBeUndefined();
  nowMs = silentMs;
  expect(await looking()).toBeUndefined();
  nowMs++;
  await expect(looking()).rejects.toBe(away);
});

test('an answer in between begins the time anew', async () => {
  const looking = look(away, 'here', away);
  await looking();
  nowMs = silentMs;
  expect(await looking()).toBe('here');
  nowMs = 2 * silentMs;
  expect(await looking()).toBeUndefined();
});

test.each([
  ['that does not pass', new PreconditionError('DENIED', { so: 'No.', next: 'Ask.' })],
  ['that is a fault of the tool', new TypeError('x is undefined')],
])('an error %s is told at once', async (_, error) => {
  await expect(look(error, 'here')()).rejects.toBe(error);
});
