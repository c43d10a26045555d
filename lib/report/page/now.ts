import type { Live, Running } from '../../upgrade/run/run-view';
import type { Report } from '../report';
import { joined, lengthMs, questionsOf, without } from '../spent';
import { type Html, html, type Part } from './html';
import { minutesWord, type Words } from './words';

/** What goes on at this moment, and what comes next. */
export interface Watched {
  /** What the command is about, before a run is there to be looked at. */
  title: string;
  now: Date;
  /** Undefined before the run has begun, or was found. */
  live: Live | undefined;
  /** What AWS, or an instance, was last told to be doing; the newest last. */
  underneath: string[];
  /** What was told last, for those who do not see the page. */
  said: string;
  /** Whether the command is about to end. */
  over: boolean;
}

export function now(watched: Watched, words: Words): Html {
  const { live } = watched;
  if (!live)
    return html`<section class="sheet" aria-labelledby="now-title"><h2 id="now-title">Now</h2><p>No run goes on yet: what must hold before it is looked at.</p>${underneath(watched)}</section>`;
  return html`${live.asked && asked(live.asked)}
<section class="sheet" aria-labelledby="now-title"><h2 id="now-title">Now</h2>
<dl class="figures">${clocks(live, words)}</dl>
${running(live)}
${underneath(watched)}
${next(live)}
</section>`;
}

function asked({ title, id, gate: { will, check, word } }: NonNullable<Live['asked']>): Html {
  const list = (lines: string[]) => html`<ul>${lines.map((each) => html`<li>${each}</li>`)}</ul>`;
  return html`<section class="sheet asks" aria-labelledby="asked-title"><p class="above">A person is asked, at the terminal</p><h2 id="asked-title">${title} <code>${id}</code></h2>
<div class="two"><div><h3>What will happen</h3>${list(will)}</div><div><h3>What to check</h3>${list(check)}</div></div>
<p>Whoever drives the run types <code>${word ?? 'yes'}</code> to go on.</p></section>`;
}

const beside = (minutes: number, now: Date, words: Words) =>
  html`about ${words.time(now.getTime() + minutes * 60_000)}`;

function clocks({ now, report, forecast }: Live, words: Words): Part[] {
  const { outage, result } = report;
  const { toWelcomeMinutes, toEndMinutes, outageMinutes: expected } = forecast;
  const figure = (name: string, value: Part, small?: Part) =>
    html`<div><dt>${name}</dt><dd>${value}${small !== undefined && html`<small>${small}</small>`}</dd></div>`;
  const goesOn = result === 'running';
  const isRefused = outage !== undefined && outage.welcomedAt === undefined;
  const till = expected !== undefined && goesOn ? `${minutesWord(expected)} expected` : 'without testing';
  return [
    outage !== undefined &&
      figure(
        isRefused ? 'Visitors are refused' : 'Visitors were refused',
        html`<span id="tick-outage" class="${isRefused ? 'outage-clock' : ''}">${outageClock(report, now)}</span>`,
        isRefused ? till : html`welcome since ${words.time(outage.welcomedAt!)}`,
      ),
    goesOn &&
      toWelcomeMinutes !== undefined &&
      toWelcomeMinutes > 0 &&
      figure('To welcome', whole(toWelcomeMinutes), beside(toWelcomeMinutes, now, words)),
    goesOn && toEndMinutes > 0 && figure('To the end', whole(toEndMinutes), beside(toEndMinutes, now, words)),
    figure(
      'Steps done',
      `${report.steps.filter(({ finishedAt }) => finishedAt).length}/${report.steps.length}`,
    ),
    figure(
      'Invariants',
      report.invariants.broken.length === 0
        ? html`<span class="good">0 broken</span>`
        : html`<span class="bad">${report.invariants.broken.length} broken</span>`,
    ),
  ];
}

/** Forecasts are no more exact than a minute. */
const whole = (minutes: number) => `${Math.max(1, Math.round(minutes))} min`;

function running({ running: steps, report, forecast, asked: question }: Live): Html {
  if (report.result !== 'running') return html`<p>Nothing runs.</p>`;
  const own = steps.filter(({ id }) => id !== question?.id);
  if (own.length === 0)
    return html`<p class="quiet">${question ? 'Nothing runs beside the question.' : 'The next step begins.'}</p>`;
  return html`<ul class="running plain" aria-label="What runs">${own.map((each) => {
    const step = report.steps.find(({ id }) => id === each.id);
    const expected = forecast.steps.find(({ id }) => id === each.id)?.expectedMinutes;
    return html`<li><span class="pulse" aria-hidden="true"></span><div><strong>${step?.title ?? each.id}</strong> <span class="quiet number"><span id="tick-${each.id}"></span>${expected !== undefined && expected > 0 && ` of about ${minutesWord(expected)}`}</span>${each.doing !== undefined && html`<span class="wanted">${each.doing}</span>`}</div></li>`;
  })}</ul>`;
}

function underneath({ underneath: lines }: Watched): Html | false {
  return (
    lines.length > 0 &&
    html`<h3>Underneath</h3><ul class="underneath plain">${lines.map((each) => html`<li>${each}</li>`)}</ul>`
  );
}

function next({ nextGate }: Live): Html | false {
  if (!nextGate) return false;
  const { title, id, inMinutes } = nextGate;
  return html`<p class="next"><strong>The next question to a person:</strong> ${title} <code>${id}</code>, in about ${whole(inMinutes)}.</p>`;
}

/** What changes with every second, by the id of its place. */
export function ticks({ live }: Watched): Record<string, string> {
  if (!live) return {};
  const { report, now: at, running: steps } = live;
  return {
    ...(report.outage ? { 'tick-outage': outageClock(report, at) } : {}),
    ...Object.fromEntries(
      steps.map((each: Running) => [`tick-${each.id}`, clock(at.getTime() - each.since.getTime())]),
    ),
  };
}

/** People's testing is left out, as in the report. */
function outageClock({ outage, steps }: Pick<Report, 'outage' | 'steps'>, now: Date): string {
  const whole = {
    fromMs: Date.parse(outage!.refusedAt),
    untilMs: outage!.welcomedAt === undefined ? now.getTime() : Date.parse(outage!.welcomedAt),
  };
  return clock(lengthMs(without(whole, joined(steps.flatMap(questionsOf)))));
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}
