import { z } from 'zod';
import { reversed } from '../../lib/reversed';
import { type Settings, sides } from '../../lib/settings';
import { courses, type RunbookName, settingsFor } from './courses';
import { callFaults, syncFaults, worldFaults } from './faults';
import type { Plan } from './night';

const nth = z.int().min(1);
const place = z.union([
  z.int().min(0),
  z.strictObject({ visit: z.int().min(0) }),
  z.strictObject({ key: z.string(), nth }),
  z.strictObject({ question: z.string(), nth }),
]);
const typed = z.strictObject({
  from: z.enum(sides),
  runbook: z.enum(Object.keys(courses) as [RunbookName, ...RunbookName[]]),
  seed: z.int().min(0),
  faults: z.array(
    z.strictObject({ kind: z.enum([...callFaults, ...worldFaults, ...syncFaults]), at: place }),
  ),
});

/** What is typed to play a plan again. */
export function commandOf({ settings, runbook, seed, faults }: Plan): string {
  const { from } = settings.upgrade;
  return `npm run simulate -- --play '${JSON.stringify({ from, runbook, seed, faults })}'`;
}

/**
 * The plan of such a command.
 * @throws Error for what no such command says.
 */
export function planFrom(text: string, settings: Settings): Plan {
  const { from, ...plan } = typed.parse(JSON.parse(text));
  const given = from === settings.upgrade.from ? settings : reversed(settings);
  return { ...plan, settings: settingsFor(plan.runbook, given) };
}
