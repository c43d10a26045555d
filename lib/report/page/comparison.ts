import { pageOutageMinutes, pageTimings } from '../page-timings';
import type { Report, ReportedStep } from '../report';
import { joined, lengthMs, questionsOf, type Stretch, without } from '../spent';
import { type Html, html } from './html';
import { labels, minutesWord, rounded } from './words';

/** The outage as it was beside the one that the page allows; nothing where there was none, or the page says nothing. */
export function comparison(report: Report, prefix: string): Html | undefined {
  const { outageMinutes, pageOutageMinutes: allowed } = report;
  if (outageMinutes === undefined || allowed === undefined) return undefined;
  const widest = Math.max(outageMinutes, allowed);
  const unit = report.minutesAre === 'modelled' ? 'modelled minutes' : 'minutes';
  return html`<section class="sheet" aria-labelledby="${labels(prefix, 'outage')}"><h2 id="${prefix}outage">The outage, beside the page</h2>
<figure><figcaption>In ${unit}, people's testing left out. ${pathTold(report)}</figcaption>
<div class="lane by-hand"><span>By hand, as the page allows</span><svg aria-hidden="true">${pageSegments(allowed, widest)}</svg><b>${allowed}</b></div>
<div class="lane this-run"><span>This run</span><svg aria-hidden="true">${runSegments(report, outageMinutes, widest)}</svg><b>${outageMinutes}</b></div>
</figure>
${allowed === pageOutageMinutes && html`<details class="more" id="${prefix}page-steps"><summary id="${prefix}by-page">Step by step</summary>${byPageStep(report, prefix)}</details>`}
</section>`;
}

const share = (minutes: number, widest: number) => rounded((minutes / widest) * 1000) / 10;

/** @param labels the first that finds room is written; what is written is a hundredth of the width a letter at most */
function segment(fromMinute: number, minutes: number, widest: number, labels: string[]): Html {
  const label = labels.find(({ length }) => share(minutes, widest) > length + 1);
  return html`<rect x="${share(fromMinute, widest)}%" width="${share(minutes, widest)}%" height="34" rx="3"><title>${labels[0]}</title></rect>${label !== undefined && html`<text x="${share(fromMinute + minutes / 2, widest)}%" y="21" text-anchor="middle">${label}</text>`}`;
}

function pageSegments(allowed: number, widest: number): Html[] {
  if (allowed !== pageOutageMinutes) return [segment(0, allowed, widest, [])];
  let fromMinute = 0;
  return pageTimings.map(({ step, allowedMinutes = 0 }) => {
    const drawn = segment(fromMinute, allowedMinutes, widest, [step]);
    fromMinute += allowedMinutes;
    return drawn;
  });
}

/** The steps of the critical path, each where it stands when the questions are taken out of the outage. */
function runSegments(report: Report, outageMinutes: number, widest: number): Html[] {
  const whole = outageStretch(report)!;
  const asked = joined(report.steps.flatMap(questionsOf));
  const minute = (ms: number) =>
    lengthMs(without({ fromMs: whole.fromMs, untilMs: Math.max(ms, whole.fromMs) }, asked)) / 60_000;
  const path = report.steps.filter(({ critical, startedAt }) => critical && startedAt !== undefined);
  return [
    html`<rect class="ground" x="0" width="${share(outageMinutes, widest)}%" height="34" rx="3"/>`,
    ...path.map((step) => {
      const { fromMs, untilMs } = clipped(stretchOf(step)!, whole);
      return segment(minute(fromMs), minute(untilMs) - minute(fromMs), widest, [
        `${step.seed[0]} ${step.id}`,
        step.seed[0] ?? '',
      ]);
    }),
  ];
}

function pathTold({ criticalPath, steps }: Report): string {
  if (criticalPath.length === 0) return '';
  const longest = steps.filter(({ critical, minutes }) => critical && (minutes ?? 0) >= 1);
  const told = longest.map(({ id, minutes }) => `${id} ${minutes}`).join(', ');
  return `What made it that long: ${told}; the other ${criticalPath.length - longest.length} steps of the critical path took seconds.`;
}

function stretchOf({ startedAt, finishedAt }: ReportedStep): Stretch | undefined {
  if (startedAt === undefined || finishedAt === undefined) return undefined;
  return { fromMs: Date.parse(startedAt), untilMs: Date.parse(finishedAt) };
}

function outageStretch({ outage, finishedAt }: Report): Stretch | undefined {
  return (
    outage && {
      fromMs: Date.parse(outage.refusedAt),
      untilMs: Date.parse(outage.welcomedAt ?? finishedAt!),
    }
  );
}

const clipped = ({ fromMs, untilMs }: Stretch, whole: Stretch): Stretch => ({
  fromMs: Math.min(Math.max(fromMs, whole.fromMs), whole.untilMs),
  untilMs: Math.min(Math.max(untilMs, whole.fromMs), whole.untilMs),
});

/** Of a step of the page: what it allows, and what the steps that stand for it took, together where they went side by side. */
function byPageStep(report: Report, prefix: string): Html {
  const whole = outageStretch(report)!;
  const rows = pageTimings.map(({ step, allowedMinutes, timedMinutes }) => {
    const own = report.steps.filter(({ seed }) => seed.includes(step));
    const worked = joined(own.flatMap(workedOf));
    const inside = joined(worked.map((each) => clipped(each, whole)));
    const insideMs = lengthMs(inside);
    const besideMs = lengthMs(worked) - insideMs;
    return html`<tr><th scope="row">${step}</th><td class="number">${allowedMinutes ?? 'allow 60'}</td><td class="number">${timedMinutes ?? ''}</td><td class="number">${told(insideMs)}</td><td class="number">${told(besideMs)}</td><td><code>${own.map(({ id }) => id).join(', ')}</code></td></tr>`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-labelledby="${labels(prefix, 'by-page')}"><table><caption>Steps that go side by side share their minutes with others, so these do not add up to the outage.</caption>
<thead><tr><th scope="col">Page</th><th scope="col" class="number">It allows</th><th scope="col" class="number">It timed</th><th scope="col" class="number">In the outage</th><th scope="col" class="number">Before, after</th><th scope="col">Steps</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function workedOf(step: ReportedStep): Stretch[] {
  const own = stretchOf(step);
  return own ? without(own, joined(questionsOf(step))) : [];
}

const told = (ms: number) => (ms === 0 ? '' : minutesWord(ms / 60_000));
