import { z } from 'zod';
import { holderShape } from './holder';

/** One line of a journal. What each event means is in docs/journal-format.md. */

const evidence = z.strictObject({
  what: z.string(),
  observed: z.string(),
  expected: z.string(),
  holds: z.boolean(),
});

const head = {
  n: z.number().int().min(1),
  at: z.iso.datetime(),
  by: holderShape,
  /** How long the writing process had worked by then, its waits left out. */
  workedMs: z.number().min(0),
};
const rest = {
  step: z.string().optional(),
  attempt: z.number().int().min(1).optional(),
  text: z.string().optional(),
  evidence: z.array(evidence).optional(),
};
const ofStep = { ...rest, step: z.string() };
const withText = { ...rest, text: z.string() };
const count = z.number().int().min(0);
/** What was seen, by the part of the world and by what it is. */
const world = z.record(z.string(), z.record(z.string(), z.string()));

export const entryShape = z.discriminatedUnion('event', [
  z.strictObject({
    ...head,
    event: z.literal('run-started'),
    ...rest,
    /** The runbook's name, and a digest of the settings it was started with. */
    data: z.strictObject({ runbook: z.string(), settings: z.string() }),
  }),
  z.strictObject({ ...head, event: z.literal('run-resumed'), ...rest }),
  z.strictObject({ ...head, event: z.literal('gate-asked'), ...ofStep }),
  z.strictObject({ ...head, event: z.literal('gate-confirmed'), ...ofStep }),
  z.strictObject({ ...head, event: z.literal('gate-declined'), ...ofStep }),
  z.strictObject({ ...head, event: z.literal('gate-expired'), ...ofStep, text: z.string() }),
  z.strictObject({ ...head, event: z.literal('step-started'), ...ofStep, attempt: z.number().int().min(1) }),
  z.strictObject({
    ...head,
    event: z.literal('step-done'),
    ...ofStep,
    how: z.enum(['done', 'already', 'proved']),
    /** When its first question was asked. */
    since: z.iso.datetime(),
    evidence: z.array(evidence),
  }),
  z.strictObject({ ...head, event: z.literal('step-failed'), ...ofStep, text: z.string() }),
  z.strictObject({ ...head, event: z.literal('undone'), ...ofStep }),
  z.strictObject({ ...head, event: z.literal('warned'), ...withText }),
  z.strictObject({ ...head, event: z.literal('budget-exceeded'), ...withText }),
  z.strictObject({ ...head, event: z.literal('visitor-refused'), ...withText }),
  z.strictObject({ ...head, event: z.literal('visitor-welcomed'), ...withText }),
  z.strictObject({
    ...head,
    event: z.literal('judged'),
    ...rest,
    /** How many invariants were looked at, and how many of them did not hold. */
    data: z.strictObject({ checked: count, broken: count }),
  }),
  z.strictObject({ ...head, event: z.literal('world-seen'), ...rest, data: world }),
  z.strictObject({
    ...head,
    event: z.literal('change-seen'),
    ...ofStep,
    text: z.string(),
    evidence: z.array(evidence),
  }),
  z.strictObject({ ...head, event: z.literal('change-confirmed'), ...ofStep, data: world }),
  z.strictObject({ ...head, event: z.literal('change-declined'), ...ofStep }),
  z.strictObject({
    ...head,
    event: z.literal('people-told'),
    ...rest,
    /** The line that says what people were told of, by which way, and whether it went out. */
    data: z.strictObject({ line: count, by: z.enum(['topic', 'web hook']), sent: z.boolean() }),
  }),
  z.strictObject({ ...head, event: z.literal('run-stopped'), ...withText }),
  z.strictObject({ ...head, event: z.literal('run-called-off'), ...rest }),
  z.strictObject({ ...head, event: z.literal('run-finished'), ...rest }),
]);
export type Entry = z.output<typeof entryShape>;

/** What happened; the journal adds the number, the time and who says so. */
export type Happening = Entry extends infer Each
  ? Each extends Entry
    ? Omit<Each, keyof typeof head>
    : never
  : never;
