import { readFileSync } from 'node:fs';
import { type Entry, entryShape, type Happening } from '../../../lib/runbook/entry';
import { openJournal, readJournal } from '../../../lib/runbook/journal';
import { readLock } from '../../../lib/runbook/lock-file';
import { attemptsOf, confirmed, doneSteps, standing } from '../../../lib/runbook/standing';
import { playedClock } from '../../support/clock';
import { MemoryStore } from '../../support/memory-store';

const ada = { who: 'ada', host: 'laptop', pid: 41, token: 'token-of-ada' };
const ben = { who: 'ben', host: 'desk', pid: 99, token: 'token-of-ben' };
const run = '2026-11-23-cutover';
let nowMs: number;
let store: MemoryStore;

const clock = playedClock(
  () => new Date(nowMs),
  async () => {},
);
beforeEach(() => {
  nowMs = Date.parse('2026-11-23T11:00:00Z');
  store = new MemoryStore();
});

const open = (by = ada) => openJournal(store, clock, run, by);
const started: Happening = { event: 'run-started', data: { runbook: 'cutover', settings: 'a1b2' } };
const keys = () => [...store.objects.keys()];

test('each line is an object of its own, with its number, its time and who wrote it', async () => {
  const journal = await open();
  await journal.append(started);
  nowMs += 1_500;
  await journal.append({ event: 'step-started', step: 'snapshot', attempt: 1 });
  expect(keys()).toEqual([`runs/${run}/journal/000001.json`, `runs/${run}/journal/000002.json`]);
  expect(store.objects.get(keys()[1]!)!.text).toBe(
    `{"n":2,"at":"2026-11-23T11:00:01.500Z","by":{"who":"ada","host":"laptop","pid":41,"token":"token-of-ada"},"workedMs":0,"event":"step-started","step":"snapshot","attempt":1}\n`,
  );
});

test('whoever opens it later reads what was written and goes on from there', async () => {
  const first = await open();
  await first.append(started);
  await first.append({ event: 'run-stopped', text: 'Ctrl-C' });
  const second = await open(ben);
  await second.append({ event: 'run-resumed' });
  expect((await readJournal(store, run)).map(({ n, event, by }) => [n, event, by.who])).toEqual([
    [1, 'run-started', 'ada'],
    [2, 'run-stopped', 'ada'],
    [3, 'run-resumed', 'ben'],
  ]);
  expect(second.entries).toEqual(await readJournal(store, run));
});

test('steps that run side by side write one line after the other', async () => {
  const journal = await open();
  const steps = Array.from({ length: 20 }, (_, index) => `step-${index}`);
  await Promise.all(steps.map((step) => journal.append({ event: 'undone', step })));
  const entries = await readJournal(store, run);
  expect(entries.map(({ n }) => n)).toEqual(steps.map((_, index) => index + 1));
  expect(entries.map(({ step }) => step)).toEqual(steps);
});

test('other runs are other journals', async () => {
  await (await open()).append(started);
  expect(await readJournal(store, '2026-11-23')).toEqual([]);
});

test('evidence is kept as what was seen beside what was wanted, and nothing else of it', async () => {
  const seen = { what: 'the snapshot', observed: 'available', expected: 'available', holds: true };
  const journal = await open();
  await journal.append({
    event: 'step-done',
    step: 'snapshot',
    how: 'already',
    since: new Date(nowMs).toISOString(),
    evidence: [{ ...seen, kind: 'the snapshot' } as typeof seen],
  });
  expect((await readJournal(store, run))[0]).toMatchObject({ how: 'already', evidence: [seen] });
});

describe('two writers', () => {
  test('of whom the second takes a number first: the first one has lost the lock', async () => {
    const [first, second] = [await open(), await open(ben)];
    await second.append(started);
    await expect(first.append(started)).rejects.toMatchObject({
      code: 'LOCK_LOST',
      exitCode: 4,
      text: { so: expect.stringContaining('ben on desk (process 99)') },
    });
    await expect(first.append(started)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await readJournal(store, run)).toHaveLength(1);
  });

  test('at the same moment: one line of the number is written', async () => {
    const [first, second] = [await open(), await open(ben)];
    const answers = await Promise.allSettled([first.append(started), second.append(started)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await readJournal(store, run)).toHaveLength(1);
  });
});

describe('when the connection breaks', () => {
  test('before a line is written, the next one takes its number', async () => {
    const journal = await open();
    store.failOnce('before');
    await expect(journal.append(started)).rejects.toThrow('The connection broke.');
    await journal.append({ event: 'run-stopped', text: 'the connection broke' });
    expect((await readJournal(store, run)).map(({ n, event }) => [n, event])).toEqual([[1, 'run-stopped']]);
  });

  test('after a line is written, it stays and the next one takes the next number', async () => {
    const journal = await open();
    store.failOnce('after');
    await expect(journal.append(started)).rejects.toThrow('The connection broke.');
    await journal.append({ event: 'run-stopped', text: 'the connection broke' });
    expect(journal.entries.map(({ n, event }) => [n, event])).toEqual([
      [1, 'run-started'],
      [2, 'run-stopped'],
    ]);
    expect(await readJournal(store, run)).toEqual(journal.entries);
  });
});

describe('a journal is not understood', () => {
  const written = async () => {
    const journal = await open();
    for (const step of ['freeze', 'snapshot', 'restore']) await journal.append({ event: 'undone', step });
  };
  const key = `runs/${run}/journal/000002.json`;
  const faults: [name: string, break_: (text: string) => string | undefined][] = [
    ['a line is missing', () => undefined],
    ['a line is cut off', (text) => text.slice(0, 20)],
    ['an event is not known', (text) => text.replace('undone', 'postponed')],
    ['a field is not known', (text) => text.replace('"step"', '"how":"done","step"')],
    ['a field is missing', (text) => text.replace('"step":"snapshot"', '"text":"snapshot"')],
    ['a line has the number of another', (text) => text.replace('"n":2', '"n":3')],
  ];

  test.each(faults)('when %s', async (_, change) => {
    await written();
    const text = change(store.objects.get(key)!.text);
    if (text === undefined) store.objects.delete(key);
    else store.objects.set(key, { text, tag: 'changed by hand' });
    await expect(open()).rejects.toMatchObject({
      code: 'JOURNAL_UNREADABLE',
      exitCode: 3,
      text: { so: expect.stringContaining(key) },
    });
  });

  test('and what could not be read again is not written', async () => {
    const journal = await open();
    await expect(journal.append({ event: 'undone' } as Happening)).rejects.toThrow();
    expect(keys()).toEqual([]);
  });
});

describe('where a run stands', () => {
  const since = '2026-11-23T11:00:00.000Z';
  const begin = (step: string, attempt = 1): Happening => ({ event: 'step-started', step, attempt });
  const done = (step: string): Happening => ({ event: 'step-done', step, how: 'done', since, evidence: [] });
  const fail = (step: string): Happening => ({ event: 'step-failed', step, text: 'it did not' });
  const ask = (step: string): Happening => ({ event: 'gate-asked', step });
  const confirm = (step: string): Happening => ({ event: 'gate-confirmed', step });
  const stop: Happening = { event: 'run-stopped', text: 'Ctrl-C' };
  const resume: Happening = { event: 'run-resumed' };

  /** The lines as they are read back. */
  async function lines(...happenings: Happening[]): Promise<Entry[]> {
    const journal = await open();
    for (const happening of happenings) await journal.append(happening);
    return readJournal(store, run);
  }

  const cases: [name: string, happenings: Happening[], state: string, steps: string[]][] = [
    ['nothing is written', [], 'not begun', []],
    ['it was started', [started], 'running', []],
    ['two steps are under way', [started, begin('a'), ask('b')], 'running', ['a', 'b']],
    ['a step is done', [started, begin('a'), done('a'), confirm('b')], 'running', ['b']],
    ['it was stopped at a gate', [started, ask('a'), stop], 'stopped', ['a']],
    ['a step failed', [started, begin('a'), fail('a')], 'failed', ['a']],
    ['it was stopped by a failure', [started, begin('a'), fail('a'), stop], 'failed', ['a']],
    ['the step was tried again', [started, begin('a'), fail('a'), begin('a', 2)], 'running', ['a']],
    ['it goes on after a failure', [started, begin('a'), fail('a'), stop, resume], 'running', ['a']],
    ['it is finished', [started, begin('a'), done('a'), { event: 'run-finished' }], 'finished', []],
    [
      'it was called off',
      [started, begin('a'), fail('a'), { event: 'undone', step: 'a' }, { event: 'run-called-off' }],
      'called off',
      [],
    ],
    [
      'a warning names a step',
      [started, begin('a'), { event: 'warned', step: 'a', text: 'slow' }],
      'running',
      ['a'],
    ],
    ['only a warning names a step', [started, { event: 'warned', step: 'a', text: 'slow' }], 'running', []],
  ];
  test.each(cases)('when %s', async (_, happenings, state, steps) => {
    expect(standing(await lines(...happenings))).toEqual({ state, steps });
  });

  test('a step is done until it is begun again or taken back', async () => {
    const entries = await lines(started, begin('a'), done('a'), done('b'), done('c'), begin('b'), {
      event: 'undone',
      step: 'c',
    });
    expect([...doneSteps(entries)]).toEqual(['a']);
    expect([...doneSteps(entries.slice(0, 5))]).toEqual(['a', 'b', 'c']);
  });

  test('a confirmation outlives a failure and another machine, and not what it was given for', async () => {
    const entries = await lines(started, ask('a'), confirm('a'), begin('a'), fail('a'), stop, resume, {
      event: 'undone',
      step: 'a',
    });
    expect([2, 3, 7, 8].map((count) => confirmed(entries.slice(0, count), 'a'))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(confirmed(entries, 'b')).toBe(false);
  });

  test('every beginning of an act is an attempt', async () => {
    const entries = await lines(started, begin('a'), fail('a'), begin('b'), begin('a', 2), done('a'));
    expect([attemptsOf(entries, 'a'), attemptsOf(entries, 'b'), attemptsOf(entries, 'c')]).toEqual([2, 1, 0]);
  });
});

test('the examples in the documentation are such objects, one of each event at least', async () => {
  const examples = readFileSync('docs/journal-format.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const [lock, ...lines] = examples.map((line) => `${line}\n`);
  store.objects.set('runs/lock.json', { text: lock!, tag: 'documented' });
  expect((await readLock(store))?.lock.state).toBe('held');
  const entries = lines.map((line) => entryShape.parse(JSON.parse(line)));
  const known = entryShape.options.map(({ shape }) => shape.event.value);
  expect(new Set(entries.map(({ event }) => event))).toEqual(new Set(known));
});
