import { carryOutAll } from '../../../lib/runbook/engine';
import { PreconditionError, StepFailedError } from '../../../lib/runbook/errors';
import type { Message } from '../../../lib/runbook/messages';
import { fact, type Step } from '../../../lib/runbook/step';
import { PlayedRun } from '../../support/runbook';

const runbook = (...steps: Step[]) => ({ name: 'test', id: 'test', title: 'Test', steps });

let played: PlayedRun;
beforeEach(() => {
  played = new PlayedRun();
});

const carryOut = async (...steps: Step[]) => carryOutAll(runbook(...steps), await played.open());
/** What was told under a code, each text once. */
const said = (code: Message['code']) => [
  ...new Set(played.told.flatMap((message) => (message.code === code ? [message.text] : []))),
];
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error) => `${error.code} ${error.exitCode}`,
  );

describe('the order', () => {
  test('a step acts only when those it needs are done', async () => {
    await carryOut(
      played.step('c', { after: ['a', 'b'] }),
      played.step('b', { after: ['a'] }),
      played.step('a'),
    );
    expect(played.did).toEqual(['act a', 'act b', 'act c']);
  });

  test('steps that do not need each other run side by side', async () => {
    let both = () => {};
    const met = new Promise<void>((resolve) => {
      both = resolve;
    });
    let here = 0;
    const meet = async () => {
      here++;
      if (here === 2) both();
      await met;
      return [];
    };
    const step = (id: string) => played.step(id, { act: meet, postconditions: [] });
    await carryOut(step('a'), step('b'));
    expect(here).toBe(2);
  });

  test('the world is judged before the first act, after each step that acted, and after one that failed', async () => {
    const fails = async () => {
      played.did.push('act c');
      throw new Error('no');
    };
    const looks = played.step('b', {
      after: ['a'],
      act: undefined,
      postconditions: [played.answers('b', true)],
    });
    const steps = [played.step('a'), looks, played.step('c', { after: ['b'], act: fails })];
    await carryOut(...steps).catch(() => {});
    expect(played.judgedAfter).toEqual(['nothing', 'act a', 'act c']);
  });

  test('however many ways lead from step to step, each step is met once', async () => {
    const layers = Array.from({ length: 40 }, (_, layer) =>
      ['a', 'b'].map((side) =>
        played.step(`${side}${layer}`, { after: layer === 0 ? [] : [`a${layer - 1}`, `b${layer - 1}`] }),
      ),
    );
    // Two to the power of 40 ways: whoever followed each would not come to an end.
    expect(Object.keys(await carryOut(...layers.flat()))).toHaveLength(80);
  });

  test('after a failure nothing more is begun, and what is under way is finished', async () => {
    const failing = played.step('a', {
      act: async () => {
        throw new StepFailedError('BROKEN', { so: 'It broke.', changed: 'A little.', next: 'Mend it.' });
      },
    });
    const beside = played.step('b');
    const after = played.step('c', { after: ['b'] });
    expect(await codeOf(carryOut(failing, beside, after))).toBe('BROKEN 4');
    expect(played.did).toEqual(['act b']);
    expect(await played.events()).toContain('step-failed a');
  });
});

describe('one step', () => {
  test('whose postconditions hold is done, whoever did it', async () => {
    const done = played.step('a', { postconditions: [played.answers('a', true)] });
    expect(await carryOut(done)).toEqual({ a: 'already' });
    expect(played.did).toEqual([]);
    expect(await played.events()).toEqual(['step-done a']);
  });

  test('that the upgrade is beyond is not looked at', async () => {
    const past = { what: 'posture', observed: 'green/open', expected: 'beyond', holds: true };
    const step = played.step('a', {
      past: async () => past,
      postconditions: [played.answers('a', new Error('asked'))],
    });
    expect(await carryOut(step)).toEqual({ a: 'already' });
  });

  test('whose preconditions are violated does nothing and says with what evidence', async () => {
    const step = played.step('a', { preconditions: [played.answers('the sky', false)] });
    const error = await carryOut(step).catch((fault) => fault);
    expect(error).toBeInstanceOf(PreconditionError);
    expect(error.exitCode).toBe(3);
    expect(error.text.so).toContain('the sky is not so, not so');
    expect(played.did).toEqual([]);
  });

  test('that is done is told by a few facts, each once, and the beginning of a list', async () => {
    const seen = (what: string, observed: string) => fact(what, observed, observed);
    const numbers = Array.from({ length: 9 }, (_, index) => index).join(', ');
    const act = async () => [seen('kept', '4'), seen('kept', '4'), seen('left', numbers), seen('none', 'no')];
    await carryOut(played.step('a', { postconditions: [], act }));
    expect(said('STEP_DONE')).toEqual(['kept: 4; left: 0, 1, 2 and 6 more; none: no']);
  });

  test('that only asks a person has who said yes as its evidence', async () => {
    const gate = async () => ({ will: ['It goes on.'], check: [] });
    await carryOut(played.step('a', { gate, postconditions: [], act: undefined }));
    const { journal } = await played.open();
    const at = new Date(played.nowMs).toISOString();
    const who = {
      what: 'who confirmed it',
      observed: `ada on laptop, ${at}`,
      expected: 'a person',
      holds: true,
    };
    expect(journal.entries.at(-1)).toMatchObject({ event: 'step-done', evidence: [who] });
    expect(said('STEP_STARTED')).toEqual([]);
  });

  test('that is not confirmed changes nothing, and what was done before it is told', async () => {
    played.answer = false;
    const asked = played.step('b', { after: ['a'], gate: async () => ({ will: [], check: [] }) });
    await expect(carryOut(played.step('a'), asked)).rejects.toMatchObject({
      code: 'GATE_DECLINED',
      exitCode: 6,
      text: { changed: 'This step changed nothing. This command has done: a.' },
    });
  });

  test('that fails after others have changed something says so, and can be resumed', async () => {
    const second = played.step('b', { after: ['a'], preconditions: [played.answers('the sky', false)] });
    const error = await carryOut(played.step('a'), second).catch((fault) => fault);
    expect([error.code, error.exitCode]).toEqual(['PRECONDITION_VIOLATED', 4]);
    expect(error.text.changed).toBe('This step changed nothing. This command has done: a.');
  });

  test('that fails beside one which changed something before it failed says so', async () => {
    const refused = played.step('a', { preconditions: [played.answers('the sky', false)] });
    const half = played.step('b', {
      act: async () => {
        throw new StepFailedError('BROKEN', { so: 'It broke.', changed: 'Half is done.', next: 'Mend it.' });
      },
    });
    const error = await carryOut(refused, half).catch((fault) => fault);
    expect([error.code, error.exitCode]).toEqual(['PRECONDITION_VIOLATED', 4]);
    expect(error.text.changed).toBe('This step changed nothing. Half is done.');
  });

  test('whose proof is refused after it acted does not say that nothing was changed', async () => {
    const refusal = new PreconditionError('DATABASE_REFUSES_PASSWORD', { so: 'Refused.', next: 'Look.' });
    const step = played.step('a', { postconditions: [played.answers('a', false, refusal)] });
    const error = await carryOut(step).catch((fault) => fault);
    expect([error.code, error.exitCode]).toEqual(['DATABASE_REFUSES_PASSWORD', 4]);
    expect(error.text.changed).toBe('What this step did stays done.');
  });

  test('that cannot be tried again does not say that nothing was changed', async () => {
    let tries = 0;
    const step = played.step('a', {
      postconditions: [played.answers('a', false)],
      act: async () => {
        if (++tries === 2)
          throw new PreconditionError('STACK_FAILED', { so: 'It failed.', next: 'Mend it.' });
        return [];
      },
      underway: async () => false,
      attempts: 3,
    });
    const error = await carryOut(step).catch((fault) => fault);
    expect([error.code, error.exitCode]).toEqual(['STACK_FAILED', 4]);
    expect(error.text.changed).toBe('What this step did stays done.');
    expect(tries).toBe(2);
  });

  test('that fails at one call of its act does not promise that the others before it changed nothing', async () => {
    const changed = 'This call changed nothing; what this command did before stays done.';
    const expired = new PreconditionError('CREDENTIALS_EXPIRED', {
      so: 'Expired.',
      changed,
      next: 'Sign in.',
    });
    const failing = (id: string, place: Partial<Step>) =>
      carryOut(played.step(id, place)).catch((fault) => fault);
    const acting = await failing('a', { act: () => Promise.reject(expired) });
    expect([acting.code, acting.exitCode, acting.text]).toEqual(['CREDENTIALS_EXPIRED', 4, expired.text]);
    const looking = await failing('b', { preconditions: [played.answers('b', expired)] });
    expect([looking.code, looking.exitCode]).toEqual(['CREDENTIALS_EXPIRED', 3]);
  });

  test('is journalled before it acts', async () => {
    const events: string[] = [];
    const step = played.step('a', {
      postconditions: [],
      act: async () => {
        events.push(...(await played.events()));
        return [];
      },
    });
    await carryOut(step);
    expect(events).toEqual(['step-started a']);
  });

  test('is waited for until its postconditions hold, not longer than its deadline', async () => {
    const slow = played.step('a', {
      postconditions: [played.answers('a', false, false, false, false, true)],
    });
    await carryOut(slow);
    const never = played.step('b', { postconditions: [played.answers('b', false)], deadlineMinutes: 5 });
    const startedMs = played.nowMs;
    expect(await codeOf(carryOut(never))).toBe('NOT_PROVED 4');
    expect(played.nowMs - startedMs).toBeLessThanOrEqual(5 * 60_000);
    expect(played.nowMs - startedMs).toBeGreaterThan(4 * 60_000);
  });

  test('must be seen so several times in a row where answers flap', async () => {
    const flapping = played.answers('a', false, true, false, true, true, true);
    const looks: boolean[] = [];
    const counted = {
      sentence: 'a',
      look: async () => {
        const evidence = await flapping.look();
        looks.push(evidence[0]!.holds);
        return evidence;
      },
    };
    await carryOut(played.step('a', { postconditions: [counted], reads: 3 }));
    expect(looks).toEqual([false, true, false, true, true, true]);
  });

  test('acts again when what it started ended without its postconditions', async () => {
    const step = played.step('a', {
      postconditions: [played.answers('a', false, false, false, true)],
      underway: async () => false,
      attempts: 3,
    });
    await carryOut(step);
    expect(played.did).toEqual(['act a', 'act a', 'act a']);
  });

  test('waits when somebody else must end first', async () => {
    played.busy.add('ALREADY_RUNNING');
    let tries = 0;
    const step = played.step('a', {
      postconditions: [],
      act: async () => {
        tries++;
        if (tries < 3) throw new PreconditionError('ALREADY_RUNNING', { so: 'One runs.', next: 'Wait.' });
        return [];
      },
    });
    await carryOut(step);
    expect(tries).toBe(3);
  });

  test('that cannot be looked at for a while is looked at again; for long, that is the error', async () => {
    played.passing.add('INSTANCE_UNREACHABLE');
    const blind = new PreconditionError('INSTANCE_UNREACHABLE', { so: 'It is silent.', next: 'Look.' });
    await carryOut(played.step('a', { postconditions: [played.answers('a', blind, blind, true)] }));
    expect(said('STEP_WAITING')).toEqual(['"a" cannot be looked at now: It is silent']);
    const gone = played.step('b', { postconditions: [played.answers('b', blind)], deadlineMinutes: 60 });
    const startedMs = played.nowMs;
    expect(await codeOf(carryOut(gone))).toMatch(/^INSTANCE_UNREACHABLE/);
    expect(played.nowMs - startedMs).toBeLessThan(10 * 60_000);
  });

  test('that cannot be asked whether it goes on is not begun a second time beside it', async () => {
    played.passing.add('ENDPOINT_UNREACHABLE');
    const away = new PreconditionError('ENDPOINT_UNREACHABLE', { so: 'No answer.', next: 'Look.' });
    const underway = [away, away, false];
    const step = played.step('a', {
      postconditions: [played.answers('a', false, away, away, false, true)],
      underway: async () => {
        const answer = underway.shift();
        if (answer instanceof Error) throw answer;
        return answer ?? true;
      },
      attempts: 3,
    });
    await carryOut(step);
    expect(played.did).toEqual(['act a', 'act a']);
    const denied = new PreconditionError('ACCESS_DENIED', { so: 'You may not.', next: 'Ask.' });
    const refused = played.step('b', {
      postconditions: [played.answers('b', false)],
      underway: () => Promise.reject(denied),
      attempts: 3,
    });
    expect(await codeOf(carryOut(refused))).toMatch(/^ACCESS_DENIED/);
    expect(played.did).toEqual(['act a', 'act a', 'act b']);
  });

  test('without an act is a proof', async () => {
    const { act: _, ...proof } = played.step('a', { postconditions: [played.answers('a', false, true)] });
    expect(await carryOut(proof)).toEqual({ a: 'proved' });
  });
});
