import { type Report, report } from '../../lib/report/report';
import type { Entry, Happening } from '../../lib/runbook/entry';
import type { Runbook } from '../../lib/runbook/step';
import { PlayedRun } from './runbook';

const begins = Date.UTC(2026, 10, 26, 11, 0);
export const minute = (minutes: number) => new Date(begins + minutes * 60_000).toISOString();

/** A line of a journal: at which minute what happened; each minute a tenth of a second was worked. */
export function lines(...happened: [minutes: number, happening: Happening, who?: string][]): Entry[] {
  return happened.map(([minutes, happening, who = 'ada'], index) => ({
    n: index + 1,
    at: minute(minutes),
    by: { who, host: 'laptop', pid: 1, token: who },
    workedMs: minutes * 100,
    ...happening,
  })) as Entry[];
}

/** A small night, whose texts all say this: two drives with three hours between them, a question, an outage. */
export function smallNight(text = 'said'): { runbook: Runbook; entries: Entry[] } {
  const { step } = new PlayedRun();
  const evidence = [
    { what: text, observed: text, expected: text, holds: true },
    { what: 'the door', observed: text, expected: 'closed', holds: false },
  ];
  const done = (id: string, since: number): Happening => ({
    event: 'step-done',
    step: id,
    how: 'done',
    since: minute(since),
    evidence,
  });
  const started = (id: string): Happening => ({ event: 'step-started', step: id, attempt: 1 });
  const given = { title: text, seed: ['U2'] };
  const steps = [
    step('begin', { ...given, minutes: 0 }),
    step('freeze', { ...given, after: ['begin'], minutes: 5 }),
    step('restore', { ...given, seed: ['U5'], after: ['freeze'], minutes: 15 }),
    step('beside', { ...given, seed: ['U7', 'U8', 'U9'], after: ['freeze'], minutes: 2 }),
    step('test', { ...given, seed: ['U14'], after: ['restore', 'beside'], minutes: 0 }),
    step('welcome', { ...given, seed: ['U15'], after: ['test'], minutes: 1 }),
  ];
  const entries = lines(
    [0, { event: 'run-started', data: { runbook: 'cutover', settings: text } }],
    [0, { event: 'warned', text }],
    [1, { event: 'gate-asked', step: 'begin', text }],
    [3, { event: 'gate-confirmed', step: 'begin' }],
    [3, done('begin', 1)],
    [3, started('freeze')],
    [4, { event: 'visitor-refused', text }],
    [9, done('freeze', 3)],
    [9, started('restore')],
    [9, started('beside')],
    [11, done('beside', 9)],
    [12, { event: 'step-failed', step: 'restore', text }],
    [12, { event: 'run-stopped', text }],
    [200, { event: 'run-resumed', text }, 'bob'],
    [200, started('restore'), 'bob'],
    [212, done('restore', 200), 'bob'],
    [212, { event: 'gate-asked', step: 'test', text }, 'bob'],
    [242, { event: 'gate-confirmed', step: 'test' }, 'bob'],
    [242, done('test', 212), 'bob'],
    [242, started('welcome'), 'bob'],
    [243, { event: 'visitor-welcomed', text }, 'bob'],
    [243, done('welcome', 242), 'bob'],
    [243, { event: 'judged', text, data: { checked: 7, broken: 1 } }, 'bob'],
    [243, { event: 'run-finished' }, 'bob'],
  );
  const runbook = { name: 'cutover', id: 'cutover-blue-green', title: text, steps, pageOutageMinutes: 91 };
  return { runbook, entries };
}

export function smallReport(text?: string): Report {
  const { runbook, entries } = smallNight(text);
  const posture = { live: text ?? 'green', access: 'open' };
  return report({ run: text ?? 'a-run', runbook, entries, modelled: true, posture });
}
