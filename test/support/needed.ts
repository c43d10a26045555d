import type { Step } from '../../lib/runbook/step';

/** All that must be over before a step begins. */
export function needed(steps: Step[], id: string, found = new Set<string>()): Set<string> {
  for (const each of steps.find((step) => step.id === id)!.after)
    if (!found.has(each)) needed(steps, each, found.add(each));
  return found;
}
