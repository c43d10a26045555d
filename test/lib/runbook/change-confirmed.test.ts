import { type Condition, fact } from '../../../lib/runbook/step';
import { WatchedRun } from '../../support/watched-run';

let played: WatchedRun;
beforeEach(() => {
  played = new WatchedRun();
});

/** Somebody else acts while this step does. */
const meanwhile = (id: string, what: () => void) =>
  played.step(id, {
    postconditions: [],
    act: async () => {
      what();
      return [];
    },
  });

const changed = () => {
  played.world.right = 'two';
};

describe('after a change that was confirmed', () => {
  const proofOf = (condition: Condition) => {
    const { act: _, ...proof } = played.step('p', { postconditions: [condition] });
    return proof;
  };

  test('a step that the change undid is done again before anything that needs it', async () => {
    let isDone = false;
    const undone = played.step('a', {
      postconditions: [{ sentence: 'a', look: async () => [fact('a', String(isDone), 'true')] }],
      act: async () => {
        played.did.push('act a');
        isDone = true;
        return [];
      },
    });
    const undoing = meanwhile('b', () => {
      changed();
      isDone = false;
    });
    await played.carryOut(undone, { ...undoing, after: ['a'] }, played.step('c', { after: ['b'] }));
    expect(played.did).toEqual(['act a', 'asked c', 'act a', 'act c']);
  });

  test('a proof that holds no more ends the run, though its step was done in this process', async () => {
    const b = meanwhile('b', changed);
    const p = proofOf(played.answers('p', true, false));
    const steps = [p, { ...b, after: ['p'] }, played.step('c', { after: ['b'] })];
    expect(await played.carryOut(...steps).catch((error) => error.code)).toBe('NOT_PROVED');
    expect(played.did).toEqual(['asked c']);
  });

  test('a proof is asked for again by whoever resumes, though an act was begun on its strength', async () => {
    const steps = (...answers: (boolean | Error)[]) => [
      proofOf(played.answers('p', ...answers)),
      { ...meanwhile('b', changed), after: ['p'] },
      played.step('c', { after: ['b'] }),
    ];
    await expect(played.carryOut(...steps(true, new Error('crash')))).rejects.toThrow('crash');
    expect(await played.carryOut(...steps(false)).catch((error) => error.code)).toBe('NOT_PROVED');
    expect(played.did).toEqual(['asked c']);
  });

  test('a person is asked again what they said yes to', async () => {
    const { act: _, ...asks } = played.step('g', {
      gate: async () => ({ will: ['It begins.'], check: [] }),
      postconditions: [],
    });
    await played.carryOut(
      asks,
      { ...meanwhile('b', changed), after: ['g'] },
      played.step('c', { after: ['b'] }),
    );
    expect(played.did).toEqual(['asked g', 'asked c', 'asked g', 'act c']);
  });

  test('a step under way goes on, and is asked again when it is over', async () => {
    let isOver = false;
    let looks = 0;
    const slow = played.step('a', {
      postconditions: [
        {
          sentence: 'a',
          look: async () => {
            looks += 1;
            return [fact('a', isOver ? 'over' : 'open', 'over')];
          },
        },
      ],
    });
    const c = played.step('c', {
      after: ['b'],
      act: async () => {
        isOver = true;
        return [];
      },
      postconditions: [],
    });
    const d = played.step('d', {
      after: ['a'],
      act: async () => {
        played.did.push(`act d after ${looks}`);
        return [];
      },
      postconditions: [],
    });
    await played.carryOut(slow, meanwhile('b', changed), c, d);
    const ends = played.told.filter(({ code, step }) => step === 'a' && /^STEP_(DONE|ALREADY)$/.test(code));
    expect(ends.map(({ code }) => code)).toEqual(['STEP_DONE', 'STEP_ALREADY']);
    expect(played.did.at(-1)).toBe(`act d after ${looks}`);
  });

  test('a step that stood only until a gate is not undone again once something behind the gate was begun', async () => {
    let stands = false;
    const stood = played.step('s', {
      standsUntil: 'g',
      postconditions: [{ sentence: 's', look: async () => [fact('s', String(stands), 'true')] }],
      act: async () => {
        played.did.push('act s');
        stands = true;
        return [];
      },
    });
    const { act: _, ...gate } = played.step('g', {
      gate: async () => ({ will: [], check: [] }),
      postconditions: [],
      after: ['s'],
    });
    const behind = meanwhile('b', () => {
      stands = false;
      changed();
    });
    await played.carryOut(stood, gate, { ...behind, after: ['g'] }, played.step('c', { after: ['b'] }));
    expect(played.did).toEqual(['act s', 'asked g', 'asked c', 'asked g', 'act c']);
  });
});
