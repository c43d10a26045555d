import type { Ports } from '../ports';
import type { StackEvent } from '../stack-ports';
import { isInProgress } from './stack-status';

/**
 * What a change of a stack is at: the resources that change now, how many are changed, and since when it goes on.
 * @param events of one stack, the newest first
 */
export function underWay(stack: string, events: StackEvent[], now: Date): string | undefined {
  const begun = events.findIndex(({ resource, status }) => resource === stack && begins.test(status));
  const change = begun < 0 ? events : events.slice(0, begun + 1);
  const latest = new Map<string, string>();
  for (const { resource, status } of change)
    if (resource !== stack && !latest.has(resource)) latest.set(resource, status);
  const changing = [...latest].filter(([, status]) => isInProgress(status));
  const since = change.at(-1);
  if (changing.length === 0 || !since) return undefined;
  const at = changing.map(([resource, status]) => `${resource} ${status}`).join(', ');
  const over = latest.size - changing.length;
  const seconds = Math.max(0, Math.round((now.getTime() - since.at.getTime()) / 1000));
  return `${stack}: ${at}${over === 0 ? '' : `; ended: ${over}`}, ${seconds} s`;
}

/** A stack's clean-up after an update, and its rollback, belong to the change that they follow. */
const begins = /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/;

/** Tells it. What cannot be told holds nothing up. */
export async function tellEvents(
  ports: Pick<Ports, 'stacks' | 'clock' | 'progress'>,
  stack: string,
): Promise<void> {
  const events = await ports.stacks.events(stack).catch(() => []);
  const told = underWay(stack, events, ports.clock.now());
  if (told) ports.progress(told);
}
