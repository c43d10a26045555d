import type { Report, ReportedStep } from './report';

/** From then until then, in milliseconds since the epoch. */
export interface Stretch {
  fromMs: number;
  untilMs: number;
}

/** What the time of a run went on. */
export interface Spent {
  tool: Stretch[];
  people: Stretch[];
  aws: Stretch[];
  /** Nobody drove it, as between a stop and a resume. */
  nobody: Stretch[];
}

/**
 * Pure. Between two lines of the journal the tool worked for as long as it says, and where it did so is not known: it is told
 * first, and the rest, when nobody was asked, was spent waiting for AWS.
 */
export function spent({ events, steps }: Pick<Report, 'events' | 'steps'>): Spent {
  const people = joined(steps.flatMap(questionsOf));
  const tool: Stretch[] = [];
  const nobody: Stretch[] = [];
  const rest: Stretch[] = [];
  events.slice(1).forEach((event, index) => {
    const before = events[index]!;
    const [fromMs, untilMs] = [Date.parse(before.at), Date.parse(event.at)];
    if (event.drive !== before.drive) {
      nobody.push(stretch(fromMs, untilMs));
      return;
    }
    const workedMs = Math.max(0, event.workedSeconds - before.workedSeconds) * 1000;
    const workedUntilMs = Math.min(untilMs, fromMs + workedMs);
    tool.push(stretch(fromMs, workedUntilMs));
    rest.push(stretch(workedUntilMs, untilMs));
  });
  return {
    tool: joined(tool),
    people,
    aws: joined(rest.flatMap((each) => without(each, people))),
    nobody: joined(nobody.flatMap((each) => without(each, people))),
  };
}

/** When people were asked at the gate of a step. */
export const questionsOf = ({ questions }: Pick<ReportedStep, 'questions'>): Stretch[] =>
  questions.map(({ askedAt, answeredAt }) => stretch(Date.parse(askedAt), Date.parse(answeredAt)));

const stretch = (fromMs: number, untilMs: number): Stretch => ({ fromMs, untilMs });

/** In their order, those that touch made one, empty ones left out. */
export function joined(stretches: Stretch[]): Stretch[] {
  const whole: Stretch[] = [];
  for (const each of [...stretches].sort((one, other) => one.fromMs - other.fromMs)) {
    if (each.untilMs <= each.fromMs) continue;
    const last = whole.at(-1);
    if (last && each.fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, each.untilMs);
    else whole.push({ ...each });
  }
  return whole;
}

/** What is left of a stretch when others are taken out of it; those are joined. */
export function without({ fromMs, untilMs }: Stretch, others: Stretch[]): Stretch[] {
  const left: Stretch[] = [];
  let atMs = fromMs;
  for (const other of others) {
    if (other.untilMs <= atMs || other.fromMs >= untilMs) continue;
    if (other.fromMs > atMs) left.push(stretch(atMs, other.fromMs));
    atMs = Math.max(atMs, other.untilMs);
  }
  if (atMs < untilMs) left.push(stretch(atMs, untilMs));
  return left;
}

export const lengthMs = (stretches: Stretch[]): number =>
  stretches.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
