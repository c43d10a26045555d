import { ChangeWatch } from '../../../lib/runbook/change-watch';
import { PreconditionError } from '../../../lib/runbook/errors';
import { fact, type Step } from '../../../lib/runbook/step';
import { WatchedRun } from '../../support/watched-run';

let played: WatchedRun;
beforeEach(() => {
  played = new WatchedRun();
});

/** A step that changes the left part. */
const changing = (id: string, given: Partial<Step> = {}) =>
  played.step(id, {
    touches: ['left'],
    postconditions: [{ sentence: id, look: async () => [fact(id, played.world.left, id)] }],
    act: async () => {
      played.did.push(`act ${id}`);
      played.world.left = id;
      return [];
    },
    ...given,
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

describe('what somebody else changed', () => {
  test('is named and asked about before the next step acts', async () => {
    await played.carryOut(meanwhile('a', changed), played.step('b', { after: ['a'] }));
    expect(played.did).toEqual(['asked b', 'act b']);
    expect(played.told).toContainEqual(
      expect.objectContaining({ code: 'CHANGE_SEEN', text: 'the right: one before, two now' }),
    );
    expect(played.gates[0]?.check[0]).toBe('the right: one before, two now');
  });

  test('stops the run on a no, with what is so and what to type', async () => {
    played.answer = false;
    const error = await played
      .carryOut(meanwhile('a', changed), played.step('b', { after: ['a'] }))
      .catch((e) => e);
    expect(played.did).toEqual(['asked b']);
    expect(error).toMatchObject({ code: 'CHANGED_MEANWHILE', exitCode: 6 });
    expect(error.text.so).toContain('the right: one before, two now');
    expect(error.text.changed).toContain('This command has done: a.');
    expect(error.text.next).toContain(`--confirm ${played.gates[0]?.word}`);
  });

  test('is asked about in words that no other change has: a blanket yes is none', async () => {
    played.answer = false;
    const b = () => played.step('b', { after: ['a'] });
    await played.carryOut(meanwhile('a', changed), b()).catch(() => {});
    played.world.right = 'three';
    await played.carryOut(played.step('a'), b()).catch(() => {});
    const [first, second] = played.gates.map(({ word }) => word);
    expect(first).toMatch(/^changed-[0-9a-f]{4}$/);
    expect(second).not.toBe(first);
  });

  test('is asked about before a person decides at a gate, and not again after the yes', async () => {
    const gate = async () => ({ will: ['It happens.'], check: [] });
    await played.carryOut(meanwhile('a', changed), played.step('b', { after: ['a'], gate }));
    expect(played.gates.map(({ will }) => will[0])).toEqual([
      expect.stringContaining('goes on from what is so now'),
      'It happens.',
    ]);
  });

  test('is seen while a person thinks at a gate', async () => {
    const gate = async () => {
      changed();
      return { will: ['It happens.'], check: [] };
    };
    await played.carryOut(played.step('b', { gate }));
    expect(played.gates.map(({ will }) => will[0])).toEqual([
      'It happens.',
      expect.stringContaining('goes on from what is so now'),
      // That yes was given to the world as it was.
      'It happens.',
    ]);
    expect(played.did.at(-1)).toBe('act b');
  });

  test('is named before it is met as a precondition that does not hold', async () => {
    played.answer = false;
    const preconditions = [
      { sentence: 'all is well', look: async () => [fact('right', played.world.right, 'one')] },
    ];
    const error = await played
      .carryOut(meanwhile('a', changed), played.step('b', { after: ['a'], preconditions }))
      .catch((e) => e);
    expect(error.code).toBe('CHANGED_MEANWHILE');
  });

  test('is asked about once by steps that would act side by side', async () => {
    const after = ['a'];
    await played.carryOut(meanwhile('a', changed), played.step('b', { after }), played.step('c', { after }));
    expect(played.did.filter((each) => each.startsWith('asked'))).toHaveLength(1);
    expect(played.did).toEqual(expect.arrayContaining(['act b', 'act c']));
  });

  test('is not asked about again when it was confirmed, after a resume either', async () => {
    const failing = () => played.step('c', { after: ['b'], act: () => Promise.reject(new Error('crash')) });
    const steps = () => [meanwhile('a', changed), played.step('b', { after: ['a'] }), failing()];
    await expect(played.carryOut(...steps())).rejects.toThrow('crash');
    await expect(played.carryOut(...steps())).rejects.toThrow('crash');
    expect(played.gates).toHaveLength(1);
  });

  test('is seen by whoever goes on with a run that had stopped', async () => {
    const a = () => played.step('a', { act: () => Promise.reject(new Error('crash')) });
    await expect(played.carryOut(a())).rejects.toThrow('crash');
    changed();
    await played.carryOut(played.step('a'));
    expect(played.did).toEqual(['asked a', 'act a']);
  });

  test('is named when it is over, if it goes on still', async () => {
    let looked = 0;
    const run = await played.open();
    const moving = async () => {
      const told = looked++ === 0 ? 'one' : looked < 4 ? 'half' : 'two';
      return { right: { 'the right': { told, ...(told === 'half' ? { moving: true } : {}) } } };
    };
    const b = played.step('b');
    const watch = new ChangeWatch(run, { parts: ['right'], look: moving }, [b]);
    await watch.begin();
    await watch.requireUnchanged(b);
    expect(played.gates.map(({ check }) => check[0])).toEqual(['the right: one before, two now']);
  });

  test('is told in a few words however much it is', async () => {
    let there = true;
    const run = await played.open();
    const many = Array.from({ length: 40 }, (_, n) => [`thing ${n}`, { told: 'here' }]);
    const all = async () => ({ right: there ? Object.fromEntries(many) : {} });
    const b = played.step('b');
    const watch = new ChangeWatch(run, { parts: ['right'], look: all }, [b]);
    await watch.begin();
    there = false;
    await watch.requireUnchanged(b);
    const { check } = played.gates[0]!;
    expect([check[0], check.length, check[12]]).toEqual([
      'thing 0: here before, absent now',
      14,
      'and 28 more',
    ]);
    expect(run.journal.entries.find(({ event }) => event === 'change-seen')?.evidence).toHaveLength(40);
  });

  test('is seen though it must not be told', async () => {
    let hidden = 'secret';
    const run = await played.open();
    const secret = async () => ({ right: { KEY: { told: 'set', hidden } } });
    const b = played.step('b');
    const watch = new ChangeWatch(run, { parts: ['right'], look: secret }, [b]);
    await watch.begin();
    await watch.requireUnchanged(b);
    hidden = 'another';
    await watch.requireUnchanged(b);
    expect(played.gates.map(({ check }) => check[0])).toEqual(['KEY: another value, which is not shown']);
    expect(JSON.stringify(run.journal.entries)).not.toMatch(/secret|another"/);
  });
});

describe('what is no change of somebody else', () => {
  test('is what the steps of the run bring about', async () => {
    await played.carryOut(changing('a'), changing('b', { after: ['a'] }), played.step('c', { after: ['b'] }));
    expect(played.did).toEqual(['act a', 'act b', 'act c']);
  });

  test('is what a step beside it has begun', async () => {
    let isOver = false;
    const slow = changing('a', {
      postconditions: [{ sentence: 'over', look: async () => [fact('a', isOver ? 'a' : 'open', 'a')] }],
    });
    const beside = played.step('b', {
      act: async () => {
        played.did.push('act b');
        return [];
      },
      postconditions: [],
    });
    const last = meanwhile('c', () => {
      isOver = true;
    });
    await played.carryOut(slow, beside, { ...last, after: ['b'] });
    expect(played.did.sort()).toEqual(['act a', 'act b']);
  });

  test('is what a step did whose process was cut off before it could tell', async () => {
    const cut = changing('a', {
      act: async () => {
        played.world.left = 'a';
        throw new Error('crash');
      },
    });
    await expect(played.carryOut(cut)).rejects.toThrow('crash');
    await played.carryOut(changing('a'), played.step('b', { after: ['a'] }));
    expect(played.did).toEqual(['act b']);
  });

  test('is an answer that was old', async () => {
    played.stale = [{ ...played.world }, { left: 'old', right: 'one' }];
    await played.carryOut(played.step('a'));
    expect(played.did).toEqual(['act a']);
  });

  test('is that nothing could be seen for a while', async () => {
    played.passing.add('AWAY');
    played.stale = [
      { ...played.world },
      new PreconditionError('AWAY', { so: 'The network is away.', next: '' }),
    ];
    await played.carryOut(played.step('a'));
    expect(played.did).toEqual(['act a']);
  });
});

test('a part that a step under way changes is looked at again when it has settled, and is watched from then on', async () => {
  let spoils = true;
  const spoiling = meanwhile('b', () => {
    if (spoils) played.world.left = 'spoilt';
    spoils = false;
  });
  await played.carryOut(changing('a'), { ...spoiling, after: ['a'] }, played.step('c', { after: ['b'] }));
  expect(played.gates.map(({ check }) => check[0])).toEqual(['the left: a before, spoilt now']);
  // The first look; before each act, of what no step was changing; and what a had changed.
  expect(played.looks[0]).toEqual(['left', 'right']);
  expect(played.looks).toContainEqual(['left']);
});
