import { Lineage, reaches } from '../../../sandbox/judge/lineage';

let lineage: Lineage;
beforeEach(() => {
  lineage = new Lineage((id) => `${id}.rds.example`);
});

const happen = (kind: string, atMs: number, facts: object) => lineage.watch[kind]!({ kind, atMs, ...facts });
const snapshot = (id: string, source: string, atMs: number) =>
  happen('snapshot.started', atMs, { id, source });
const restore = (id: string, from: string) => happen('restore.started', 100, { id, snapshot: from });

test('a copy has what its source had when the snapshot was begun, and nothing later', () => {
  snapshot('s', 'old', 10);
  restore('new', 's');
  const [old, copy] = [lineage.named('old'), lineage.named('new')];
  expect([reaches(old, 9, copy), reaches(old, 10, copy)]).toEqual([true, false]);
  expect([reaches(copy, 200, copy), reaches(copy, 1, old)]).toEqual([true, false]);
  expect([old.made, copy.made]).toEqual([false, true]);
});

test('a copy of a copy has what both have let through', () => {
  snapshot('first', 'old', 10);
  restore('new', 'first');
  snapshot('second', 'new', 20);
  restore('newer', 'second');
  const newer = lineage.named('newer');
  expect([5, 15].map((atMs) => reaches(lineage.named('old'), atMs, newer))).toEqual([true, false]);
  expect([15, 25].map((atMs) => reaches(lineage.named('new'), atMs, newer))).toEqual([true, false]);
});

test('a database made again under a name is another', () => {
  snapshot('s', 'old', 10);
  restore('new', 's');
  const before = lineage.named('new');
  restore('new', 's');
  expect(reaches(before, 5, lineage.named('new'))).toBe(false);
  happen('database.created', 300, { id: 'new' });
  expect(reaches(lineage.named('old'), 5, lineage.named('new'))).toBe(false);
});

test('a name that is no endpoint’s is no database', () => {
  expect(lineage.at('new.rds.example')).toBe(lineage.named('new'));
  expect(lineage.at('new.elsewhere.example')).toBeUndefined();
});
