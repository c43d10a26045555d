import type { Stretch } from '../spent';

/** Time as it runs across a picture, in hundredths of its width. */
export interface Scale {
  at(ms: number): number;
  width(stretch: Stretch): number;
  /** Where round times stand. */
  ticks: number[];
  /** Stretches that are drawn short. */
  squeezed: Stretch[];
}

const minuteMs = 60_000;
const stepsMinutes = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080];
const mostTicks = 10;
/** What a squeezed stretch takes of the width. */
const squeezedShare = 0.04;
const leastSqueezedMs = 10 * minuteMs;

/**
 * @param idle where nothing happened, such as hours in which nobody drove the run: each is drawn short. In their order, apart
 * from each other, within the whole.
 */
export function scaleOf(whole: Stretch, idle: Stretch[] = []): Scale {
  const squeezed = idle.filter(({ fromMs, untilMs }) => untilMs - fromMs > leastSqueezedMs);
  const allMs = Math.max(1, whole.untilMs - whole.fromMs);
  const idleMs = squeezed.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
  const share = squeezed.length === 0 ? 0 : Math.min(0.5 / squeezed.length, squeezedShare);
  const perMs = (1 - share * squeezed.length) / Math.max(1, allMs - idleMs);
  const at = (ms: number): number => {
    const clipped = Math.min(Math.max(ms, whole.fromMs), whole.untilMs);
    let position = (clipped - whole.fromMs) * perMs;
    for (const { fromMs, untilMs } of squeezed) {
      const insideMs = Math.min(Math.max(clipped - fromMs, 0), untilMs - fromMs);
      position += insideMs * (share / (untilMs - fromMs) - perMs);
    }
    return hundredths(position);
  };
  return {
    at,
    width: ({ fromMs, untilMs }) => hundredths((at(untilMs) - at(fromMs)) / 100),
    ticks: ticksOf(whole, allMs - idleMs, squeezed),
    squeezed,
  };
}

const hundredths = (share: number) => Math.round(share * 100_000) / 1000;

function ticksOf({ fromMs, untilMs }: Stretch, drawnMs: number, squeezed: Stretch[]): number[] {
  const stepMinutes = stepsMinutes.find((step) => drawnMs / minuteMs / step <= mostTicks) ?? 43_200;
  const stepMs = stepMinutes * minuteMs;
  const isDrawn = (ms: number) =>
    !squeezed.some((each) => ms > each.fromMs - stepMs / 2 && ms < each.untilMs + stepMs / 2);
  const ticks: number[] = [];
  let ms = Math.ceil(fromMs / stepMs) * stepMs;
  while (ms <= untilMs) {
    if (isDrawn(ms)) ticks.push(ms);
    // Days in which nothing happened have ticks that nobody sees.
    const around = squeezed.find((each) => ms >= each.fromMs && ms < each.untilMs);
    ms = around ? Math.ceil(around.untilMs / stepMs) * stepMs : ms + stepMs;
  }
  return ticks;
}
