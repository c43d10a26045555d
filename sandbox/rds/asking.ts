import type { Clock } from '../clock';
import { AwsError } from '../errors';
import { offsetIn, tokenAt } from '../protocol/paging';
import { input, integer, list, text } from '../protocol/shapes';
import type { DatabaseInstance, DatabaseSnapshot } from './state';

const settled = new Set(['available', 'failed']);

/** Changes when the status does or when an instance begins or ceases to accept connections. */
function phaseOf(thing: DatabaseInstance | DatabaseSnapshot | undefined): string {
  if (!thing) return 'gone';
  return `${thing.status} ${'cluster' in thing && thing.cluster !== undefined}`;
}

/**
 * Lets time pass to the next change of one of these that are in transition. No further: whoever waits until a
 * restored instance accepts connections must not be carried on to the end of its first backup.
 */
export async function skipToNextChange<Thing extends DatabaseInstance | DatabaseSnapshot>(
  clock: Clock,
  all: Map<string, Thing>,
  asked: Thing[],
): Promise<void> {
  const phases = asked
    .filter(({ status }) => !settled.has(status))
    .map(({ id }) => [id, phaseOf(all.get(id))] as const);
  if (phases.length === 0) return;
  await Promise.allSettled(asked.map((thing) => 'copying' in thing && thing.copying));
  await clock.skipUntil(() => phases.some(([id, phase]) => phaseOf(all.get(id)) !== phase));
}

export const paging = { MaxRecords: integer.optional(), Marker: text.optional() };
export const filters = list(input({ Name: text, Values: list(text) })).optional();

export interface Paging {
  MaxRecords?: number | undefined;
  Marker?: string | undefined;
}

/** A page of 20 to 100 records, and where the next begins. */
export function page<Item>(items: Item[], { MaxRecords = 100, Marker }: Paging) {
  if (MaxRecords < 20 || MaxRecords > 100)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value ${MaxRecords} for MaxRecords. Must be between 20 and 100`,
    );
  const start = Marker === undefined ? 0 : offsetIn(Marker);
  if (start === undefined) throw new AwsError('InvalidParameterValue', 'Invalid marker');
  const end = start + MaxRecords;
  return { items: items.slice(start, end), Marker: end < items.length ? tokenAt(end) : undefined };
}

export interface Filter {
  Name: string;
  Values: string[];
}

/** Keeps what has one of the values for each filter; a filter that is not among `facts` is refused. */
export function filtered<Item>(
  items: Item[],
  filters: Filter[] | undefined,
  facts: Record<string, (item: Item) => string[]>,
): Item[] {
  return (filters ?? []).reduce((left, { Name, Values }) => {
    const fact = Object.hasOwn(facts, Name) ? facts[Name] : undefined;
    if (!fact) throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${Name}`);
    return left.filter((item) => fact(item).some((value) => Values.includes(value)));
  }, items);
}
