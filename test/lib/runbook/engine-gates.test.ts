import { carryOutAll } from '../../../lib/runbook/engine';
import { InvariantError, StepFailedError } from '../../../lib/runbook/errors';
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

describe('a gate', () => {
  const gate = async () => ({ will: ['It happens.'], check: ['Look.'] });

  test('that has nothing to be confirmed asks nobody', async () => {
    played.answer = false;
    await carryOut(played.step('a', { gate: async () => undefined }));
    expect(await played.events()).toEqual(['step-started a', 'step-done a']);
  });

  test('that is declined changes nothing and can be asked again', async () => {
    played.answer = false;
    expect(await codeOf(carryOut(played.step('a', { gate })))).toBe('GATE_DECLINED 6');
    expect(played.did).toEqual(['asked a']);
    expect(await played.events()).toEqual(['gate-asked a', 'gate-declined a']);
    played.answer = true;
    await carryOut(played.step('a', { gate }));
    expect(played.did).toEqual(['asked a', 'asked a', 'act a']);
  });

  test('that was confirmed is not asked again after a crash', async () => {
    const crashing = played.step('a', {
      gate,
      act: async () => {
        throw new Error('crash');
      },
    });
    await expect(carryOut(crashing)).rejects.toThrow('crash');
    await carryOut(played.step('a', { gate }));
    expect(played.did).toEqual(['asked a', 'act a']);
  });

  test('without an act is done once and for all', async () => {
    const { act: _, ...only } = played.step('a', { gate, postconditions: [] });
    await carryOut(only);
    await carryOut(only);
    expect(played.did).toEqual(['asked a']);
  });
});

describe('nothing is begun', () => {
  test('by a process that lost the lock', async () => {
    played.lost = new StepFailedError('LOCK_LOST', { so: 'Gone.', changed: 'Nothing.', next: 'Leave it.' });
    expect(await codeOf(carryOut(played.step('a')))).toBe('LOCK_LOST 4');
    expect(played.did).toEqual([]);
  });

  test('after something was seen that must never be so', async () => {
    played.broken = new InvariantError('INVARIANT_BROKEN', {
      so: 'Two.',
      changed: 'Nothing.',
      next: 'Look.',
    });
    expect(await codeOf(carryOut(played.step('a')))).toBe('INVARIANT_BROKEN 7');
    expect(played.did).toEqual([]);
  });

  test('after somebody asked to stop', async () => {
    const first = played.step('a', {
      act: async () => {
        played.did.push('act a');
        played.stop();
        return [];
      },
      postconditions: [played.answers('a', false, true)],
    });
    expect(await codeOf(carryOut(first, played.step('b', { after: ['a'] })))).toBe('STOPPED 4');
    expect(played.did).toEqual(['act a']);
  });
});

describe('a proof on whose strength something was begun', () => {
  const proofThenAct = (answers: boolean[], crash: boolean) => {
    const { act: _, ...proof } = played.step('p', { postconditions: [played.answers('p', ...answers)] });
    const act = async () => {
      if (crash) throw new Error('crash');
      return [];
    };
    return [proof, played.step('a', { after: ['p'], act, postconditions: [] })];
  };

  test('is not asked for again by whoever resumes', async () => {
    await expect(carryOut(...proofThenAct([true], true))).rejects.toThrow('crash');
    expect(await carryOut(...proofThenAct([false], false))).toEqual({ p: 'already', a: 'done' });
  });

  test('is asked for again while nothing was begun', async () => {
    const before = proofThenAct([true], false);
    before[1] = { ...before[1]!, preconditions: [played.answers('the sky', false)] };
    await carryOut(...before).catch(() => {});
    const later = carryOut(...proofThenAct([false], false));
    expect(await codeOf(later)).toBe('NOT_PROVED 4');
  });
});

describe('a yes, and a proof, count no more', () => {
  test('when something that they rest on was done anew', async () => {
    let holds = true;
    const gate = async () => ({ will: [], check: [] });
    const { act: _, ...asked } = played.step('g', { gate, postconditions: [], after: ['a'] });
    const a = played.step('a', {
      postconditions: [
        { sentence: 'a', look: async () => [{ what: 'a', observed: '', expected: '', holds }] },
      ],
      act: async () => {
        played.did.push('act a');
        holds = true;
        return [];
      },
    });
    const fails = played.step('b', { after: ['g'], preconditions: [played.answers('b may', false)] });
    await carryOut(a, asked, fails).catch(() => {});
    expect(played.did).toEqual(['asked g']);
    await carryOut(a, asked, fails).catch(() => {});
    expect(played.did).toEqual(['asked g']);
    // Done anew by this run itself, before the gate is reached again.
    holds = false;
    const { journal } = await played.open();
    await journal.append({ event: 'undone', step: 'a' });
    await carryOut(a, asked, fails).catch(() => {});
    expect(played.did).toEqual(['asked g', 'act a', 'asked g']);
  });
});
