import { pass } from '../../../lib/runbook/gate';
import type { Step } from '../../../lib/runbook/step';
import { PlayedRun } from '../../support/runbook';

const gate: Step['gate'] = async () => ({ will: ['It opens.'], check: ['Is it green?'] });
const unanswered: Step['unanswered'] = { does: 'stop', why: 'nothing is lost by waiting' };

/** A question that nobody answers, to somebody who waits for so long. */
async function unansweredGate(given: Partial<Step>, gateExpiryMinutes: number | undefined) {
  const played = new PlayedRun();
  const run = await played.open();
  let withdrawn = false;
  const operator = {
    ...run.operator,
    confirm: (_step: Step, _gate: unknown, late?: Promise<unknown>) => {
      late?.then(() => {
        withdrawn = true;
      });
      return new Promise<boolean>(() => {});
    },
  };
  const asking = pass(played.step('open', { gate, ...given }), { ...run, operator, gateExpiryMinutes }, []);
  const ended = await Promise.race([
    asking.catch((error) => error),
    new Promise((resolve) => setImmediate(() => resolve('it waits'))),
  ]);
  return { ended, withdrawn, played };
}

test('a gate that nobody answers in time does what is safe there; that is announced, journalled and told', async () => {
  const { ended, withdrawn, played } = await unansweredGate({ unanswered }, 30);
  expect(ended).toMatchObject({ code: 'GATE_EXPIRED', exitCode: 6 });
  expect(withdrawn).toBe(true);
  expect(await played.events()).toEqual(['gate-asked open', 'gate-expired open']);
  expect(played.told.map(({ code, text }) => `${code}: ${text}`)).toEqual([
    'GATE_ASKED: Do open. Without an answer in 30 minutes: it stops here (nothing is lost by waiting)',
    'GATE_EXPIRED: Nobody answered in 30 minutes: it stops here (nothing is lost by waiting)',
  ]);
});

test('one at which it is not safe to stop says that whoever drives it goes back', async () => {
  const back: Step['unanswered'] = { does: 'go back', why: 'nobody tested it' };
  const { ended } = await unansweredGate({ unanswered: back }, 30);
  expect(ended).toMatchObject({ code: 'GATE_EXPIRED_BACK' });
});

test('a gate without anything that is safe waits, as every gate does when no expiry was given', async () => {
  expect((await unansweredGate({}, 30)).ended).toBe('it waits');
  expect((await unansweredGate({ unanswered }, undefined)).ended).toBe('it waits');
});

test('an answer in time counts, and ends the waiting', async () => {
  const played = new PlayedRun();
  const run = await played.open();
  let cuts = 0;
  const sleep = (_ms: number, cut?: Promise<unknown>) =>
    new Promise<void>((resolve) => {
      cut?.then(() => {
        cuts += 1;
        resolve();
      });
    });
  const clock = { ...run.clock, sleep };
  await pass(played.step('open', { gate, unanswered }), { ...run, clock, gateExpiryMinutes: 30 }, []);
  expect(await played.events()).toEqual(['gate-asked open', 'gate-confirmed open']);
  expect(cuts).toBe(1);
});
