import { readFileSync } from 'node:fs';
import type { Explored } from './checker';

/** Where the properties and the numbers of states are told: a test fails when it tells others. */
export const documentation = readFileSync('docs/model.md', 'utf8');

const number = (count: number) => count.toLocaleString('en-GB');

/** The cells of a row of the table. */
export const counted = ({ states, transitions, furthest }: Explored): string =>
  [states, transitions, furthest].map(number).join(' | ');
