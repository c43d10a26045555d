import { Writable } from 'node:stream';
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util';
import { formatDifferences, fullDiff } from '@aws-cdk/cloudformation-diff';
import type { Place } from './check';
import { pairs, type Stacks, type Stated } from './stated';

/** What becomes another in a stack, as `cdk diff` writes it. */
export interface Change {
  stack: string;
  where: Place[];
  text: string;
}

/** One and the same change in many situations is told once. */
export function changesBetween(before: Stacks, after: Stacks): Change[] {
  const changes: Change[] = [];
  for (const { direction, stack, situation, before: was, after: is } of pairs(before, after)) {
    if (isDeepStrictEqual(was, is)) continue;
    const text = difference(was, is);
    const known = changes.find((each) => each.stack === stack && each.text === text);
    if (known) known.where.push({ direction, situation });
    else changes.push({ stack, where: [{ direction, situation }], text });
  }
  return changes;
}

function difference(before: Stated = {}, after: Stated = {}): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  formatDifferences(stream, fullDiff(before, after));
  return stripVTControlCharacters(text).trimEnd();
}
