import type { Happening } from '../../../lib/runbook/entry';
import type { Message } from '../../../lib/runbook/messages';
import type { Gate } from '../../../lib/runbook/step';
import { RunView } from '../../../lib/upgrade/run/run-view';
import { liveLines, wrapped } from '../../../scripts/terminal/live-lines';
import { PlayedRun } from '../../support/runbook';

type Told = [minute: number, what: Happening | Pick<Message, 'code' | 'step' | 'text'>];

const done = (step: string, how: 'done' | 'already' = 'done'): Happening => ({
  event: 'step-done',
  step,
  how,
  since: new Date(0).toISOString(),
  evidence: [],
});
const started = (step: string): Happening => ({ event: 'step-started', step, attempt: 1 });
const runs = (step: string, text = step) => ({ code: 'STEP_STARTED', step, text }) as const;

const before: Told[] = [
  [0, { event: 'run-started', data: { runbook: 'night', settings: '' } }],
  [0, done('scale', 'already')],
  [0, { event: 'gate-confirmed', step: 'begin' }],
  [0, done('begin')],
  [2, { event: 'visitor-refused', text: 'Ordinary visitors are refused.' }],
  [3, started('restore')],
  [3, runs('restore')],
  [4, started('freeze')],
  [4, runs('freeze')],
];

/** A night in which this happened, at its minutes, as it looks at the last of these on a terminal of this size. */
async function drawn(
  told: Told[],
  { columns = 80, rows = 24, underneath = [] as string[], gate = undefined as Gate | undefined } = {},
): Promise<string[]> {
  const night = new PlayedRun();
  const since = night.nowMs;
  const { journal, clock, operator } = await night.open();
  const steps = [
    night.step('scale'),
    night.step('begin', { minutes: 0 }),
    night.step('restore', { title: 'Restore it', after: ['begin'], minutes: 15 }),
    night.step('freeze', { title: 'Freeze blue', after: ['begin'], minutes: 5 }),
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => night.step(id, { after: ['restore'] })),
    night.step('welcome', { after: ['g'], minutes: 2 }),
  ];
  const runbook = { name: 'night', id: 'night', title: 'A night', steps };
  const view = new RunView({ runbook, journal, clock, timings: new Map(), modelled: true });
  const over = view.over({ ...operator, confirm: () => new Promise(() => {}) });
  for (const [minute, what] of told) {
    night.nowMs = since + minute * 60_000;
    if ('event' in what) await journal.append(what);
    else over.tell({ at: clock.now(), ...what });
  }
  if (gate) over.confirm(steps.at(-1)!, gate);
  return liveLines(view.live(), underneath, { columns, rows }).map(({ text }) => text);
}

test('tells the outage, the welcome and the end, what runs and since when, and what comes next', async () => {
  const waits = { code: 'STEP_WAITING', step: 'restore', text: 'the endpoint is not known yet' } as const;
  const lines = await drawn([...before, [10, waits]], {
    columns: 110,
    underneath: ['CobaltBlue: web UPDATE_IN_PROGRESS, 360 s'],
  });
  expect(lines).toEqual([
    expect.stringMatching(/^A night, \d\d:\d\d$/),
    expect.stringMatching(
      /^visitors refused for 8 min · welcome in 11 min \(\d\d:\d\d\) · end in 11 min \(\d\d:\d\d\)$/,
    ),
    '✓ 2 of 12 steps are done',
    '▸ restore                  7 of 15 min        Restore it',
    '    the endpoint is not known yet',
    '▸ freeze                   6 of 5 min         Freeze blue',
    '    CobaltBlue: web UPDATE_IN_PROGRESS, 360 s',
    '· a                        1 min, in 8 min',
    '· b                        1 min, in 8 min',
    '· c                        1 min, in 8 min',
    '· d                        1 min, in 8 min',
    '· e                        1 min, in 8 min',
    '· and 3 more',
  ]);
});

test('forty columns hold every line, and the clocks whole', async () => {
  const waits = { code: 'STEP_WAITING', step: 'restore', text: 'the endpoint is '.repeat(9) } as const;
  const lines = await drawn([...before, [10, waits]], { columns: 40 });
  expect(lines.filter((line) => [...line].length > 40)).toEqual([]);
  expect(lines).toEqual(
    expect.arrayContaining([
      'visitors refused for 8 min',
      expect.stringMatching(/^welcome in 11 min \(..:..\)$/),
      '▸ restore 7 of 15 min',
      expect.stringMatching(/^ {4}the endpoint is .*…$/),
    ]),
  );
});

test('of a terminal with few rows the clocks and what runs are left', async () => {
  const lines = await drawn([...before, [10, started('freeze')]], { columns: 110, rows: 3 });
  expect(lines.map((line) => line.slice(0, 9))).toEqual(['visitors ', '▸ restore', '▸ freeze ']);
});

test('while a person is asked only the clocks and what runs beside stand above the question', async () => {
  const lines = await drawn(
    [...before, [9, done('restore')], [9, { code: 'STEP_DONE', step: 'restore', text: '' }]],
    { columns: 110, gate: { will: [], check: [] } },
  );
  expect(lines.map((line) => line.slice(0, 9))).toEqual(['visitors ', '▸ freeze ']);
});

test('a step that failed is told while others end, and how long visitors were refused after the welcome', async () => {
  const lines = await drawn([
    ...before,
    [8, { event: 'step-failed', step: 'restore', text: 'NOT_PROVED: it is not there' }],
    [8, { code: 'STEP_FAILED', step: 'restore', text: 'it is not there' }],
    [9, { event: 'visitor-welcomed', text: 'Ordinary visitors are welcome.' }],
    [30, started('freeze')],
  ]);
  expect(lines).toEqual(
    expect.arrayContaining([
      '✗ restore  Restore it',
      expect.stringMatching(/^visitors refused for 7 min · welcome since \d\d:\d\d/),
    ]),
  );
  expect(lines.some((line) => line.startsWith('▸ restore') || line.includes('welcome in'))).toBe(false);
});

test('what is said is wrapped on words, and goes on below its own beginning', () => {
  expect(wrapped('22:10:04 ! NOT_PROVED: it is not there yet', 30, 11)).toEqual([
    '22:10:04 ! NOT_PROVED: it is',
    '       not there yet',
  ]);
});
