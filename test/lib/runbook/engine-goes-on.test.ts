import { callOff } from '../../../lib/runbook/call-off';
import { carryOutAll } from '../../../lib/runbook/engine';
import { InvariantError, PreconditionError } from '../../../lib/runbook/errors';
import type { Step } from '../../../lib/runbook/step';
import { PlayedRun } from '../../support/runbook';

const runbook = (...steps: Step[]) => ({ name: 'test', id: 'test', title: 'Test', steps });

let played: PlayedRun;
beforeEach(() => {
  played = new PlayedRun();
});

const carryOut = async (...steps: Step[]) => carryOutAll(runbook(...steps), await played.open());
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error) => `${error.code} ${error.exitCode}`,
  );

test('what an earlier process began is waited for, and not begun a second time beside it', async () => {
  const crashing = played.step('a', {
    act: async () => {
      played.did.push('act a');
      throw new Error('crash');
    },
  });
  await expect(carryOut(crashing)).rejects.toThrow('crash');
  played.passing.add('ENVIRONMENT_NOT_READY');
  const updating = new PreconditionError('ENVIRONMENT_NOT_READY', { so: 'Updating.', next: 'Wait.' });
  await carryOut(
    played.step('a', { postconditions: [played.answers('a', updating, updating, updating, true)] }),
  );
  expect(played.did).toEqual(['act a']);
  const other = played.step('b', { postconditions: [played.answers('b', updating, true)] });
  await carryOut(other);
  expect(played.did).toEqual(['act a', 'act b']);
});

test('what an earlier process could not look at either, when it gave up, is not waited for', async () => {
  played.passing.add('INSTANCE_UNREACHABLE');
  const silent = new PreconditionError('INSTANCE_UNREACHABLE', { so: 'It is silent.', next: 'End it.' });
  const act = () => Promise.reject(silent);
  const step = played.step('a', { act, postconditions: [played.answers('a', silent)] });
  expect(await codeOf(carryOut(step))).toBe('INSTANCE_UNREACHABLE 3');
  const startedMs = played.nowMs;
  expect(await codeOf(carryOut(step))).toBe('INSTANCE_UNREACHABLE 3');
  expect(played.nowMs).toBe(startedMs);
});

test.each(['step-started', 'step-done'])(
  'a crash around the line %s is resumed without acting twice',
  async (event) => {
    for (const moment of ['before', 'after'] as const) {
      played = new PlayedRun();
      const steps = [played.step('a'), played.step('b', { after: ['a'] })];
      const events = event === 'step-started' ? [1, 3] : [2, 4];
      for (const n of events) {
        const key = `journal/${String(n).padStart(6, '0')}`;
        let crashed = false;
        played.store.fault = (now, at) => {
          if (crashed || now !== moment || !at.includes(key)) return;
          crashed = true;
          throw new Error('crash');
        };
        await carryOut(...steps).catch(() => {});
        played.nowMs += 1000;
      }
      played.store.fault = () => {};
      await carryOut(...steps);
      expect(played.did).toEqual(['act a', 'act b']);
    }
  },
);

test('a run that is called off takes back what knows how, the last first, and asks again when it goes forward', async () => {
  const undo = (id: string) => async () => void played.did.push(`undo ${id}`);
  const gate = async () => ({ will: [], check: [] });
  const { act: _, ...asked } = played.step('g', { gate, postconditions: [], after: ['a'] });
  const steps = [
    played.step('a', { undo: undo('a') }),
    asked,
    played.step('b', { undo: undo('b'), after: ['g'] }),
    played.step('c', { after: ['b'], preconditions: [played.answers('c may', false)] }),
  ];
  await carryOut(...steps).catch(() => {});
  expect(await callOff(runbook(...steps), await played.open())).toEqual(['b', 'a']);
  expect(played.did).toEqual(['act a', 'asked g', 'act b', 'undo b', 'undo a']);
  await carryOut(...steps).catch(() => {});
  expect(played.did.slice(5)).toEqual(['asked g']);
});

describe('calling off', () => {
  test('stops at once when something was seen that must never be so', async () => {
    played.broken = new InvariantError('INVARIANT_BROKEN', {
      so: 'Two.',
      changed: 'Nothing.',
      next: 'Look.',
    });
    const undo = async () => void played.did.push('undo a');
    const off = callOff(runbook(played.step('a', { undo })), await played.open());
    expect(await codeOf(off)).toBe('INVARIANT_BROKEN 7');
    expect(played.did).toEqual([]);
  });
});
