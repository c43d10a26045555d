import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { type Direction, directions } from './situations';
import { noStacks, type Stacks, type Stated } from './stated';

/**
 * A stack in all situations as one text, in which a reviewer sees what a posture changes: whatever is the same everywhere
 * stands there once, and whatever is not stands below the situations that have it.
 *
 *     MinSize:
 *       at blue/open: "2"
 *       at blue/testing, blue/frozen: "1"
 */

const heading = 'at ';
const headed = (situations: string[]) => `${heading}${situations.join(', ')}`;

type BySituation = [situation: string, value: unknown][];

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param situations all of which something is to be said */
function merged(values: BySituation, situations: string[]): unknown {
  const stated = values.filter(([, value]) => value !== undefined);
  if (stated.length < situations.length) {
    const names = stated.map(([name]) => name);
    const inner = merged(stated, names);
    return isMap(inner) && isHeaded(inner) ? inner : { [headed(names)]: inner };
  }
  const [[, first]] = stated as [BySituation[number]];
  if (stated.every(([, value]) => isDeepStrictEqual(value, first))) return first;
  if (stated.every(([, value]) => isMap(value))) return mergedKeys(stated as [string, Stated][], situations);
  return grouped(stated);
}

function mergedKeys(maps: [string, Stated][], situations: string[]): Stated {
  const keys = [...new Set(maps.flatMap(([, map]) => Object.keys(map)))];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      merged(
        maps.map(([name, map]) => [name, map[key]]),
        situations,
      ),
    ]),
  );
}

function grouped(values: BySituation): Stated {
  const groups: { names: string[]; value: unknown }[] = [];
  for (const [name, value] of values) {
    const group = groups.find((each) => isDeepStrictEqual(each.value, value));
    if (group) group.names.push(name);
    else groups.push({ names: [name], value });
  }
  return Object.fromEntries(groups.map(({ names, value }) => [headed(names), value]));
}

const isHeaded = (map: Stated) => {
  const keys = Object.keys(map);
  return keys.length > 0 && keys.every((key) => key.startsWith(heading));
};

/** What a text says of one situation. */
function inSituation(value: unknown, situation: string): unknown {
  if (Array.isArray(value)) return value.map((each) => inSituation(each, situation));
  if (!isMap(value)) return value;
  if (isHeaded(value)) {
    const key = Object.keys(value).find((each) => situationsOf(each).includes(situation));
    return key === undefined ? undefined : inSituation(value[key], situation);
  }
  const entries = Object.entries(value).map(([key, each]) => [key, inSituation(each, situation)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

const situationsOf = (key: string) => key.slice(heading.length).split(', ');

/** The file of each stack, below the folder of its direction. */
export function snapshotTexts(stacks: Stacks): Record<string, string> {
  const texts = directions.flatMap((direction) => {
    const all = [...new Set(Object.values(stacks[direction]).flatMap(Object.keys))];
    return Object.entries(stacks[direction]).map(([stack, by]): [string, string] => [
      `${direction}/${stack}.yaml`,
      stringify({ Situations: all, ...(merged(Object.entries(by), all) as Stated) }, { lineWidth: 0 }),
    ]);
  });
  return Object.fromEntries(texts);
}

/** The stacks that texts tell of. */
export function readSnapshots(texts: Record<string, string>): Stacks {
  const stacks = noStacks();
  for (const [file, text] of Object.entries(texts)) {
    const [direction, name] = file.replace(/\.yaml$/, '').split('/') as [Direction, string];
    const { Situations: all, ...value } = parse(text) as { Situations: string[] };
    const told = all.map((situation) => [situation, inSituation(value, situation)] as const);
    stacks[direction][name] = Object.fromEntries(told.filter(([, each]) => each !== undefined)) as Record<
      string,
      Stated
    >;
  }
  return stacks;
}
