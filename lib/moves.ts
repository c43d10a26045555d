import type { Words } from './posture';
import { databaseOf, type UpgradeRecord } from './record';
import { otherSide, type Side } from './settings';

/** Why a move may not be made, and the command that may. */
export interface Refusal {
  so: string;
  next: string;
}

const deploy = (words: string) => `npx cdk deploy --all ${words}`;

/**
 * Judges a move from the recorded posture to the asked one.
 *
 * Legal are: no move; X/open to X/frozen and back; X/frozen to Y/testing; Y/testing to Y/open or Y/frozen; and from
 * anywhere to X/open on the database that X last served from (failback).
 */
export function judgeMove(record: UpgradeRecord, to: Words): Refusal[] {
  const from = record.posture;
  if (from.live === to.live && from.access === to.access) return [];
  if (from.live === to.live) return withinASide(record, to);
  if (to.access === 'open') return failback(record, to);
  if (to.access === 'testing' && from.access === 'frozen') return readiness(record, to.live);
  return [
    {
      so: `${from.live}/${from.access} cannot become ${to.live}/${to.access}: ${
        to.access === 'testing' ? `${from.live} may still be written` : 'only a live side can be frozen'
      }.`,
      next:
        to.access === 'testing'
          ? `Freeze ${from.live} first: npm run jobs -- stop --side ${from.live} && npm run reader && ${deploy('-c access=frozen')}`
          : `Name the live side or leave it out: ${deploy(`-c live=${from.live} -c access=${to.access}`)}`,
    },
  ];
}

function withinASide(record: UpgradeRecord, to: Words): Refusal[] {
  const from = record.posture;
  if (to.access === 'testing')
    return [
      {
        so: `${from.live}/${from.access} cannot become ${to.live}/testing: a side is tested after the other was frozen and before it opens.`,
        next:
          from.access === 'open'
            ? deploy('-c access=frozen')
            : deploy(`-c live=${otherSide(to.live)} -c access=testing`),
      },
    ];
  return to.access === 'open' ? readiness(record, to.live) : [];
}

/** A side may be tested or opened only on a database that is there, migrated, and has not fallen behind. */
function readiness(record: UpgradeRecord, side: Side): Refusal[] {
  const database = databaseOf(record, side);
  if (!database)
    return [
      {
        so: `${side} has no database: none is recorded that accepts connections and has not fallen behind.`,
        next: 'Run npm run snapshot, then npm run restore.',
      },
    ];
  const other = record.databases.find((each) => each.id === record.posture.served[otherSide(side)]);
  if (!database.migrated)
    return [{ so: `The database ${database.id} of ${side} is not migrated.`, next: 'Run npm run migrate.' }];
  if (database.id === record.posture.served[side] && record.posture.live !== side)
    return [
      {
        so: `The database ${database.id} of ${side} served before and misses what people did since on ${other?.id ?? otherSide(side)}.`,
        next: 'Run npm run snapshot, then npm run restore.',
      },
    ];
  return [];
}

function failback(record: UpgradeRecord, to: Words): Refusal[] {
  const served = record.posture.served[to.live];
  const database = databaseOf(record, to.live);
  if (served && database?.id === served) return [];
  return [
    {
      so: served
        ? `${to.live} cannot open: it last served people from ${served}, and its database now is ${database?.id ?? 'none'}.`
        : `${to.live} cannot open: it never served people, and no testing came before.`,
      next: `Freeze first: ${deploy('-c access=frozen')}; then test: ${deploy(`-c live=${to.live} -c access=testing`)}`,
    },
  ];
}
