import type { Entry, Happening } from '../../../../lib/runbook/entry';
import type { Channel } from '../../../../lib/upgrade/people-ports';
import { happenings } from '../../../../lib/upgrade/run/happenings';
import { PeopleTold } from '../../../../lib/upgrade/run/people';
import { PlayedRun } from '../../../support/runbook';

const night = new PlayedRun();
const runbook = {
  name: 'cutover',
  id: 'cutover-to-green',
  title: 'Cut over to green',
  ended: 'green is open',
  steps: [night.step('begin', { title: 'Begin the outage' }), night.step('welcome')],
};
const started: Happening = { event: 'run-started', data: { runbook: 'cutover', settings: '' } };
const resumed: Happening = { event: 'run-resumed' };
const asked: Happening = { event: 'gate-asked', step: 'begin', text: 'Visitors of blue are refused.' };
const failed: Happening = {
  event: 'step-failed',
  step: 'begin',
  text: 'DISK_FULL: i-1 of ada@x.org is full.',
};
const stopped: Happening = { event: 'run-stopped', text: 'DISK_FULL: i-1 of ada@x.org is full.' };
const welcome: Happening = {
  event: 'step-done',
  step: 'welcome',
  how: 'done',
  since: new Date(0).toISOString(),
  evidence: [],
};

/** A run whose processes come and go: what each sent, and what was written. */
class Told {
  readonly run = new PlayedRun();
  readonly sent: string[] = [];
  posted = 0;
  readonly warned: string[] = [];
  /** What the way to people does when it is used. */
  answer: () => void = () => {};
  /** Whether there is a web hook, as far as it can be known. */
  webHook: () => boolean = () => false;

  async process(...happened: Happening[]): Promise<Entry[]> {
    const { journal, clock } = await this.run.open();
    this.run.nowMs += 60_000;
    const send: Channel['send'] = async (_, text) => {
      this.answer();
      this.sent.push(text.split('\n')[0]!.replace(/ \(\d\d:\d\d UTC\)$/, ''));
    };
    const hook: Channel['send'] = async () => {
      this.posted++;
    };
    const people = {
      channels: (): Channel[] => [
        { name: 'topic', isKept: async () => true, send },
        { name: 'web hook', isKept: async () => this.webHook(), send: hook },
      ],
      subscribers: async () => ({ confirmed: 0, pending: 0 }),
    };
    const told = new PeopleTold({ people, journal, runbook, clock, warn: (text) => this.warned.push(text) });
    journal.onWritten = () => told.look();
    for (const each of happened) await journal.append(each);
    await told.settled();
    return journal.entries;
  }
}

test('the start, a question, the welcome and the end are told once each', async () => {
  const told = new Told();
  await told.process(started, asked, { event: 'gate-confirmed', step: 'begin' }, welcome);
  await told.process(resumed, { ...welcome, how: 'already' }, { event: 'run-finished' });
  expect(told.sent).toEqual([
    'Cut over to green: it begins.',
    'Cut over to green: "Begin the outage" waits for a yes.',
    'Cut over to green: ordinary visitors are welcome.',
    'Cut over to green: done. green is open.',
  ]);
});

test('a question that a run asks again when it goes on is not told again, one that was answered is', async () => {
  const told = new Told();
  await told.process(asked);
  await told.process(resumed, asked, { event: 'gate-declined', step: 'begin' }, asked);
  expect(told.sent).toHaveLength(2);
});

test('a question that nobody answered in time is told again when it is asked again', async () => {
  const told = new Told();
  await told.process(asked, { event: 'gate-expired', step: 'begin', text: 'Nobody answered.' });
  await told.process(resumed, asked);
  expect(told.sent).toHaveLength(2);
});

test('a failure is told by the title and the code, never by the evidence, and its stop not besides', async () => {
  const told = new Told();
  const entries = await told.process(started, failed, stopped);
  expect(told.sent.at(-1)).toBe('Cut over to green: "Begin the outage" failed (DISK_FULL).');
  expect(told.sent).toHaveLength(2);
  const texts = happenings('a-run', runbook, entries).map(({ text }) => text);
  expect(texts.join()).not.toMatch(/ada@x\.org|i-1/);
  expect(texts.at(-1)).toContain('To go on: npm run cutover. To look: npm run status');
});

test('another failure after the run went on is told, and a stop without one', async () => {
  const told = new Told();
  await told.process(failed, stopped);
  await told.process(resumed, failed, stopped);
  await told.process(resumed, { event: 'run-stopped', text: 'STOPPED: The run was stopped.' });
  expect(told.sent).toEqual([
    expect.stringContaining('failed (DISK_FULL)'),
    expect.stringContaining('failed (DISK_FULL)'),
    'Cut over to green: it stopped (STOPPED).',
  ]);
});

test('a process that is killed before it wrote that it told is heard twice, never not at all', async () => {
  const told = new Told();
  const { write } = told.run.store;
  told.run.store.write = async (key, text, condition) => {
    if (text.includes('people-told')) throw new Error('killed');
    return write.call(told.run.store, key, text, condition);
  };
  await told.process(started);
  told.run.store.write = write;
  await told.process(resumed);
  await told.process(resumed);
  expect(told.sent).toEqual(['Cut over to green: it begins.', 'Cut over to green: it begins.']);
});

test('what cannot be sent is a warning, is written down, and is not tried again', async () => {
  const told = new Told();
  told.answer = () => {
    throw new Error('the network is gone');
  };
  const entries = await told.process(started);
  told.answer = () => {};
  await told.process(resumed);
  expect(told.sent).toEqual([]);
  expect(told.warned).toEqual([
    expect.stringMatching(/^The topic was not told "Cut over .*the network is gone$/),
  ]);
  expect(entries.at(-1)).toMatchObject({ event: 'people-told', data: { line: 1, by: 'topic', sent: false } });
});

test('whether there is a web hook cannot be known: the topic is told all the same, and the web hook of what comes after', async () => {
  const told = new Told();
  told.webHook = () => {
    throw new Error('the parameter cannot be read');
  };
  await told.process(started);
  told.webHook = () => true;
  await told.process(resumed, { event: 'run-finished' });
  expect(told.sent).toEqual(['Cut over to green: it begins.', 'Cut over to green: done. green is open.']);
  expect(told.posted).toBe(1);
  expect(told.warned).toEqual([
    expect.stringMatching(/^The web hook was not told .*the parameter cannot be read$/),
  ]);
});
