import { buildApp, templateOf } from '../../lib/app';
import { judgeMove, judgeRetirement, wouldBuildAnew } from '../../lib/moves';
import { posture, resolveWords, type Words } from '../../lib/posture';
import { databaseOf, type UpgradeRecord } from '../../lib/record';
import type { Side } from '../../lib/settings';
import { at, directions, original, readied } from '../support/upgrade';

describe.each(directions)('%s', (_, settings) => {
  const { from, to } = settings.upgrade;
  const versionsOf = (side: Side) =>
    Object.fromEntries(
      Object.values(settings.sides[side].environments).map(({ name }) => [name, 'cobalt-6.4.0']),
    );
  const cutOver = (facts: Partial<UpgradeRecord> = {}): UpgradeRecord => ({
    ...at(settings, { live: to, access: 'open' }, readied),
    versions: { ...versionsOf(from), ...versionsOf(to) },
    ...facts,
  });
  const words = (record: UpgradeRecord, given: Partial<Words> = {}) => resolveWords(record.posture, given);
  const stacksOf = (record: UpgradeRecord, given: Partial<Words> = {}) =>
    buildApp({ settings, record, words: words(record, given) })
      .synth()
      .stacks.map(({ stackName }) => stackName);
  const sideStack = `Cobalt${from === 'blue' ? 'Blue' : 'Green'}`;
  // biome-ignore lint/suspicious/noExplicitAny: templates of any shape.
  const resources = (record: UpgradeRecord, stack: string, given: Partial<Words> = {}): any[] =>
    Object.values(JSON.parse(templateOf({ settings, record, words: words(record, given) }, stack)).Resources);

  describe('a side that is given up', () => {
    test('changes in nothing but what becomes of it', () => {
      const before = resources(cutOver(), sideStack);
      const after = resources(cutOver(), sideStack, { retire: from });
      expect(after.map(({ Properties }) => Properties)).toEqual(before.map(({ Properties }) => Properties));
      const policies = (each: typeof after) =>
        each
          .filter(({ Type }) => Type === 'AWS::ElasticBeanstalk::Environment')
          .map(({ DeletionPolicy }) => DeletionPolicy);
      expect([policies(before), policies(after)]).toEqual([
        ['Retain', 'Retain'],
        ['Delete', 'Delete'],
      ]);
    });

    test('loses its termination protection, and no other does', () => {
      const record = cutOver();
      const assembly = buildApp({ settings, record, words: words(record, { retire: from }) }).synth();
      const open = assembly.stacks.filter(({ terminationProtection }) => !terminationProtection);
      expect(open.map(({ stackName }) => stackName)).toEqual([sideStack]);
    });

    test('leaves a final snapshot of each database that was restored for it', () => {
      const record = cutOver();
      const mine = { ...record.databases[1]!, id: `cobalt-production-${from}`, side: from };
      const [database] = resources(
        { ...record, databases: [...record.databases, mine] },
        `CobaltDatabase${from === 'blue' ? 'Blue' : 'Green'}`,
        { retire: from },
      );
      expect(database).toMatchObject({
        DeletionPolicy: 'Snapshot',
        Properties: { DeletionProtection: false },
      });
    });

    test.each<[string, Partial<UpgradeRecord['posture']>, Partial<Words>, RegExp]>([
      ['that is live', {}, { retire: to }, /it is live/],
      ['while the other is being tested', { access: 'testing' }, { retire: from }, /not open/],
      ['after a failback', { live: from }, { retire: from }, /it is live/],
      ['that the upgrade goes to', { live: from }, { retire: to }, /comes from/],
      ['in a deploy that moves', {}, { retire: from, access: 'frozen' }, /same deploy/],
    ])('is refused for a side %s', (_name, changed, given, why) => {
      const record = cutOver();
      const changedRecord = { ...record, posture: { ...record.posture, ...changed } };
      const refusals = judgeRetirement(settings, changedRecord, words(changedRecord, given));
      expect(refusals.map(({ so }) => so)).toEqual([expect.stringMatching(why)]);
    });
  });

  describe('a side that was tidied away', () => {
    const gone = { finalSnapshot: 'final-of-it' };
    const tidied = (): UpgradeRecord =>
      cutOver({
        versions: versionsOf(to),
        databases: [{ ...original(from), gone }, cutOver().databases[1]!],
      });

    test('is not built anew: its stack, its roles and its doors are left out', () => {
      expect(stacksOf(tidied())).not.toContain(sideStack);
      const fence = JSON.stringify(resources(tidied(), 'CobaltFence'));
      for (const { instanceRole } of Object.values(settings.sides[from].environments))
        expect(fence).not.toContain(`"${instanceRole}"`);
      expect(posture(settings, tidied(), words(tidied())).sides[from]).toMatchObject({
        state: 'retired',
        environments: {},
      });
    });

    test('may not be given up by a deploy, which would build it anew; what else is left of it may', () => {
      const given = words(tidied(), { retire: from });
      expect(judgeRetirement(settings, tidied(), given)).toEqual([]);
      expect(wouldBuildAnew(settings, tidied(), given)).toHaveLength(1);
      expect(wouldBuildAnew(settings, cutOver(), given)).toEqual([]);
    });

    test('is built when the next upgrade goes to it', () => {
      const next = { ...settings, upgrade: { from: to, to: from } };
      const declared = posture(next, tidied(), words(tidied()));
      expect(declared.sides[from].state).toBe('prepared');
    });

    test('is not taken for one when nothing is known of the live side either', () => {
      expect(stacksOf({ ...tidied(), versions: {} })).toContain(sideStack);
    });

    test('is never opened again, and its database never used', () => {
      expect(databaseOf(tidied(), from)).toBeUndefined();
      const [refusal] = judgeMove(settings, tidied(), words(tidied(), { live: from }));
      expect(refusal!.so).toContain('kept as the snapshot final-of-it');
    });
  });
});
