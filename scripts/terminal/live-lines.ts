import type { ReportedStep } from '../../lib/report/report';
import type { Live, Running } from '../../lib/upgrade/run/run-view';

/** How a run looks on a terminal at this moment: pure, so that every width and height can be tested. */

export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'warn';

export interface Line {
  text: string;
  tone: Tone;
}

export interface Size {
  columns: number;
  rows: number;
}

/** What is left out last has the lowest rank. */
interface Ranked extends Line {
  rank: number;
}

const mostWaiting = 5;
/** With fewer columns than these, a step's name is followed by its time at once. */
export const wide = 72;

/**
 * The clocks, what runs, and what comes next, in as many lines as there is room for. While a person is asked only the clocks
 * and what runs beside the question are left: what they read to answer it must stay in sight.
 * @param underneath what AWS does, as it was told last
 */
export function liveLines(live: Live, underneath: string[], { columns, rows }: Size): Line[] {
  const asked = live.asked !== undefined;
  const lines: Ranked[] = [
    ...(asked ? [] : [ranked(3, `${live.report.title}, ${timeOf(live.now)}`, 'strong')]),
    ...joined(clocksOf(live), columns).map((text) => ranked(0, text, 'strong')),
    ...(asked ? [] : [ranked(4, doneOf(live.report.steps), 'good')]),
    ...failedOf(live).map((text) => ranked(1, text, 'bad')),
    ...live.running.flatMap((running) => runningOf(live, running, columns)),
    ...(asked ? [] : underneath.map((text) => ranked(5, `    ${text}`, 'faint'))),
    ...(asked ? [] : waitingOf(live, columns).map((text, index) => ranked(6 + index, text, 'faint'))),
  ];
  return fitted(lines, rows).map(({ text, tone }) => ({ text: cut(text, columns), tone }));
}

const ranked = (rank: number, text: string, tone: Tone): Ranked => ({ rank, text, tone });

function fitted(lines: Ranked[], rows: number): Ranked[] {
  const kept = new Set(lines.toSorted((one, other) => one.rank - other.rank).slice(0, rows));
  return lines.filter((line) => kept.has(line));
}

/** What everybody on the call asks. */
function clocksOf({ now, report, forecast }: Live): string[] {
  const { outage, outageMinutes } = report;
  const { toWelcomeMinutes, toEndMinutes, pace } = forecast;
  const at = (minutes: number) => `in ${shown(minutes)} min (${timeOf(now, minutes)})`;
  const refused = outage && `visitors refused for ${shown(outageMinutes ?? 0)} min`;
  return [
    ...(refused ? [refused] : []),
    ...(outage?.welcomedAt ? [`welcome since ${timeOf(new Date(outage.welcomedAt))}`] : []),
    ...(toWelcomeMinutes && !outage?.welcomedAt ? [`welcome ${at(toWelcomeMinutes)}`] : []),
    ...(toEndMinutes > 0 ? [`end ${at(toEndMinutes)}`] : []),
    ...(pace > 1.05 ? [`${shown(pace)} times as slow as usual`] : []),
  ];
}

const isDone = ({ finishedAt }: ReportedStep) => finishedAt !== undefined;

function doneOf(steps: ReportedStep[]): string {
  const done = steps.filter(isDone);
  return `✓ ${done.length} of ${steps.length} steps are done`;
}

const failedOf = ({ report }: Live) =>
  report.steps.flatMap(({ state, id, title }) => (state === 'failed' ? [`✗ ${id}  ${title}`] : []));

function runningOf(live: Live, { id, doing }: Running, columns: number): Ranked[] {
  const { title, minutes = 0 } = live.report.steps.find((step) => step.id === id)!;
  const { expectedMinutes } = live.forecast.steps.find((step) => step.id === id)!;
  const late = minutes > expectedMinutes + 1;
  const time = `${shown(minutes)} of ${shown(expectedMinutes)} min`;
  const head = `▸ ${named(id, columns)} ${time}`;
  return [
    ranked(1, columns < wide ? head : `${head.padEnd(44)}  ${title}`, late ? 'warn' : 'plain'),
    ...(doing && !live.asked ? [ranked(2, `    ${doing}`, 'faint')] : []),
  ];
}

function waitingOf({ report, forecast, running, asked }: Live, columns: number): string[] {
  const busy = new Set([asked?.id, ...running.map(({ id }) => id)]);
  const waiting = report.steps.filter(
    (step) => !isDone(step) && step.state !== 'failed' && !busy.has(step.id),
  );
  const next = waiting.slice(0, mostWaiting).map(({ id }) => {
    const { expectedMinutes, beginsInMinutes } = forecast.steps.find((step) => step.id === id)!;
    const begins = beginsInMinutes >= 1 ? `, in ${shown(beginsInMinutes)} min` : '';
    return `· ${named(id, columns)} ${shown(expectedMinutes)} min${begins}`;
  });
  const more = waiting.length - next.length;
  return [...next, ...(more > 0 ? [`· and ${more} more`] : [])];
}

const named = (id: string, columns: number) => (columns < wide ? id : id.padEnd(24));

/** In as few lines as hold them whole. */
function joined(parts: string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length > 0 ? `${lines.at(-1)} · ${part}` : part;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

/** Below ten minutes the tenths count. */
const shown = (value: number) => String(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));

function timeOf(from: Date, laterMinutes = 0): string {
  const time = new Date(from.getTime() + laterMinutes * 60_000);
  return time.toLocaleTimeString('en-AU', { hourCycle: 'h23', hour: '2-digit', minute: '2-digit' });
}

export function cut(text: string, columns: number): string {
  const signs = [...text];
  return signs.length <= columns ? text : `${signs.slice(0, Math.max(0, columns - 1)).join('')}…`;
}

/** On whole words, what follows the first line indented. */
export function wrapped(text: string, columns: number, indent: number): string[] {
  const margin = ' '.repeat(Math.min(indent, Math.floor(columns / 4)));
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(lines.length > 0 ? `${margin}${word}` : word);
  }
  return lines;
}
