import type { Words } from '../posture';
import { accesses, type UpgradeRecord } from '../record';
import { reversed } from '../reversed';
import { otherSide, type Settings, sides } from '../settings';

/** The upgrade that the settings name, and the same the other way. */
export const directions = ['upgrade', 'reversed'] as const;
export type Direction = (typeof directions)[number];

/** Where an upgrade stands when its stacks are synthesised. */
export interface Situation {
  direction: Direction;
  /** The posture, such as blue/open, or what is done besides: prepared, given up. */
  name: string;
  settings: Settings;
  record: UpgradeRecord;
  words: Words;
}

const givenUp = ' given up';

/** A stack that is given up loses its protection on purpose. */
export const isGivenUp = (situation: string) => situation.endsWith(givenUp);

/** How many situations a direction has. */
export const situationsEach = 2 + sides.length * accesses.length;

/** Every situation that a stack is deployed in: the six postures, and before and after them, in both directions. */
export function situations(settings: Settings, records: Record<Direction, UpgradeRecord>): Situation[] {
  return [
    ...ofOneDirection('upgrade', settings, records.upgrade),
    ...ofOneDirection('reversed', reversed(settings), records.reversed),
  ];
}

/** @param record as it stands once both sides have served */
function ofOneDirection(direction: Direction, settings: Settings, record: UpgradeRecord): Situation[] {
  const { from, to } = settings.upgrade;
  const at = (name: string, words: Omit<Words, 'reassert'>, known = record): Situation => {
    const { live, access } = words;
    const posture = { ...known.posture, live, access };
    return { direction, name, settings, record: { ...known, posture }, words: { ...words, reassert: false } };
  };
  const postures = [from, to].flatMap((live) =>
    accesses.map((access) => at(`${live}/${access}`, { live, access })),
  );
  return [
    at('prepared', { live: from, access: 'open' }, beforeTheCopy(record, from)),
    ...postures,
    at(`${from}${givenUp}`, { live: to, access: 'open', retire: from }),
  ];
}

function beforeTheCopy(record: UpgradeRecord, from: Settings['upgrade']['from']): UpgradeRecord {
  const { [otherSide(from)]: _, ...served } = record.posture.served;
  return {
    ...record,
    posture: { ...record.posture, served },
    databases: record.databases.filter(({ side }) => side === from),
  };
}
