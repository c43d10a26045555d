import type { Forecast } from '../forecast';
import type { ReportedStep, ReportSoFar } from '../report';
import { questionsOf, type Spent, type Stretch, spent } from '../spent';
import { behind } from './behind';
import { type Html, html } from './html';
import { type Scale, scaleOf } from './scale';
import { legend } from './signs';
import { minutesWord, pageNumbers, took, type Words } from './words';

const minuteMs = 60_000;

/** A picture of a run: each step in its time, and behind it what was seen. */

export interface Drawn {
  words: Words;
  /** Before every id: a page may have several pictures. */
  prefix: string;
  /** While the run goes on. */
  going?: { nowMs: number; forecast: Forecast };
}

export function timeline(report: ReportSoFar, drawn: Drawn): Html {
  const { startedAt, finishedAt, outage } = report;
  if (startedAt === undefined || finishedAt === undefined) return html`<p>Nothing has begun yet.</p>`;
  const went = spent(report);
  const { going } = drawn;
  const nowMs = going?.nowMs ?? Date.parse(finishedAt);
  const untilMs = nowMs + (going?.forecast.toEndMinutes ?? 0) * minuteMs;
  const scale = scaleOf({ fromMs: Date.parse(startedAt), untilMs }, went.nobody);
  const band = outage && {
    fromMs: Date.parse(outage.refusedAt),
    untilMs: outage.welcomedAt === undefined ? nowMs : Date.parse(outage.welcomedAt),
  };
  return html`${legend(report)}
<div class="timeline">
${grid(scale, band, going?.nowMs)}
${axis(scale, band, drawn.words)}
${lanes(report, went, scale)}
<ol class="steps">
${report.steps.map((step) => row(step, report, scale, nowMs, drawn))}
</ol>
</div>`;
}

function grid(scale: Scale, band: Stretch | undefined, nowMs: number | undefined): Html {
  const line = (ms: number, kind: string) =>
    html`<line class="${kind}" x1="${scale.at(ms)}%" x2="${scale.at(ms)}%" y1="0" y2="100%"/>`;
  return html`<div class="grid columns" aria-hidden="true"><svg>
${band && html`<rect class="band" x="${scale.at(band.fromMs)}%" width="${scale.width(band)}%" y="0" height="100%"/>`}
${scale.squeezed.map((each) => html`<rect class="squeezed" x="${scale.at(each.fromMs)}%" width="${scale.width(each)}%" y="0" height="100%"/>`)}
${scale.ticks.map((ms) => line(ms, 'tick'))}
${band && [line(band.fromMs, 'edge'), line(band.untilMs, 'edge')]}
${nowMs !== undefined && line(nowMs, 'now')}
</svg></div>`;
}

/** A label near an edge of the picture stays inside it. */
function anchor(percent: number): string {
  if (percent < 3) return 'start';
  return percent > 97 ? 'end' : 'middle';
}

function axis(scale: Scale, band: Stretch | undefined, words: Words): Html {
  const middle = band && (scale.at(band.fromMs) + scale.at(band.untilMs)) / 2;
  return html`<div class="axis columns" aria-hidden="true"><svg>
${middle !== undefined && html`<text class="label" x="${middle}%" y="13" text-anchor="middle">visitors are refused</text>`}
${scale.ticks.map((ms) => html`<text class="tick" x="${scale.at(ms)}%" y="29" text-anchor="${anchor(scale.at(ms))}">${words.plainTime(ms)}</text>`)}
</svg></div>`;
}

const rect = (scale: Scale, stretch: Stretch, kind: string, y: number, height: number) =>
  html`<rect class="${kind}" x="${scale.at(stretch.fromMs)}%" width="${scale.width(stretch)}%" y="${y}" height="${height}"/>`;

function lanes(
  { awsBoundMinutes, personMinutes, toolSeconds }: ReportSoFar,
  went: Spent,
  scale: Scale,
): Html {
  const lane = (name: string, kind: keyof Spent, took: string) =>
    html`<li class="columns"><span>${name}<span class="unseen">, </span></span><svg aria-hidden="true">${went[kind].map((each) => rect(scale, each, kind, 2, 10))}</svg><span class="number">${took}</span></li>`;
  return html`<ul class="lanes plain" aria-label="What the time went on">
${lane('Waiting for AWS', 'aws', minutesWord(awsBoundMinutes))}
${personMinutes > 0 && lane('Waiting for people', 'people', minutesWord(personMinutes))}
${lane("The tool's own work", 'tool', minutesWord(toolSeconds / 60))}
</ul>`;
}

function row(step: ReportedStep, report: ReportSoFar, scale: Scale, nowMs: number, drawn: Drawn): Html {
  const { id, seed, title, critical, expectedMinutes, state } = step;
  const [sign, meaning, kind] = stateOf(step, report);
  const waits = state === 'waiting' || state === 'undone';
  const long = waits
    ? expectedMinutes > 0 &&
      html`<span class="quiet">~${minutesWord(expectedMinutes)}<span class="unseen"> expected</span></span>`
    : took(step);
  return html`<li class="step is-${state}${critical && ' is-critical'}"><details id="${drawn.prefix}${id}">
<summary class="columns"><span class="no" >${pageNumbers(seed)}<span class="unseen">: </span></span><span class="name">${title}${critical && html` <span class="diamond" aria-hidden="true">◆</span><span class="unseen">, on the critical path</span>`}<span class="unseen">, ${meaning}, </span></span>${bar(step, scale, nowMs, drawn.going?.forecast)}<span class="took">${long} <span class="${kind}" aria-hidden="true">${sign}</span></span></summary>
${behind(step, meaning, drawn.words)}
</details></li>`;
}

/** Its sign, its meaning, how it looks. */
function stateOf({ state }: ReportedStep, { result }: ReportSoFar): [string, string, string] {
  const told: Record<ReportedStep['state'], [string, string, string]> = {
    done: ['✓', 'done', 'good'],
    already: ['✓', 'done already', 'good'],
    proved: ['✓', 'proved', 'good'],
    failed: ['✗', 'failed', 'bad'],
    begun: result === 'running' ? ['▸', 'under way', 'at-work'] : ['◌', 'begun, not done', 'warn'],
    waiting: ['○', 'not begun', 'quiet'],
    undone: ['↺', 'taken back', 'warn'],
  };
  return told[state];
}

/** What is still to come of a step, as far as one can tell. */
function expected(
  { id, finishedAt }: ReportedStep,
  scale: Scale,
  nowMs: number,
  forecast?: Forecast,
): Html | false {
  const own = finishedAt === undefined && forecast?.steps.find((each) => each.id === id);
  if (!own) return false;
  const [fromMs, untilMs] = [own.beginsInMinutes, own.endsInMinutes].map((each) => nowMs + each * minuteMs);
  return html`<rect class="expected" x="${scale.at(fromMs!)}%" width="${scale.width({ fromMs: fromMs!, untilMs: untilMs! })}%" y="20%" height="60%" rx="2"/>`;
}

function bar(step: ReportedStep, scale: Scale, nowMs: number, forecast?: Forecast): Html {
  const { startedAt, finishedAt, slackMinutes } = step;
  const toCome = expected(step, scale, nowMs, forecast);
  if (startedAt === undefined) return html`<svg class="bar" aria-hidden="true">${toCome}</svg>`;
  const fromMs = Date.parse(startedAt);
  const untilMs = finishedAt === undefined ? nowMs : Date.parse(finishedAt);
  const slackUntilMs = untilMs + (slackMinutes ?? 0) * minuteMs;
  const asked = questionsOf(step);
  return html`<svg class="bar" aria-hidden="true">${toCome}${slackUntilMs > untilMs && html`<line class="slack" x1="${scale.at(untilMs)}%" x2="${scale.at(slackUntilMs)}%" y1="50%" y2="50%"/>`}<rect class="work" x="${scale.at(fromMs)}%" width="${scale.width({ fromMs, untilMs })}%" y="20%" height="60%" rx="2"/>${asked.map((each) => html`<rect class="people" x="${scale.at(each.fromMs)}%" width="${scale.width(each)}%" y="20%" height="60%"/>`)}</svg>`;
}
