import type { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { acceptedFindings } from '../../lib/accepted-findings';
import { buildApp, originalDatabaseApp } from '../../lib/app';
import { resolveWords } from '../../lib/posture';
import type { DatabaseDescription, UpgradeRecord } from '../../lib/record';
import type { Settings } from '../../lib/settings';
import {
  at,
  before,
  directions,
  documented,
  readied,
  restored,
  sixPostures,
  source,
} from '../support/upgrade';

/** With every load balancer known, so that there are doors. */
function withDoors(settings: Settings, record: UpgradeRecord): UpgradeRecord {
  const environments = Object.values(settings.sides).flatMap((side) => Object.values(side.environments));
  const arn = (name: string) =>
    `arn:aws:elasticloadbalancing:${settings.region}:${settings.account}:loadbalancer/app/${name}/1`;
  const loadBalancers = Object.fromEntries(environments.map(({ name }) => [name, arn(name)]));
  return { ...record, door: { loadBalancers, testerToken: 'token' } };
}

const originalDatabase: DatabaseDescription = {
  ...source,
  instanceClass: 'db.t3.medium',
  port: 5432,
  availabilityZone: undefined,
  networkType: undefined,
  encrypted: true,
  kmsKey: undefined,
  maxStorageGib: undefined,
  licenseModel: 'postgresql-license',
  logExports: [],
  monitoringSeconds: 0,
  monitoringRole: undefined,
  performanceInsightsKey: undefined,
  performanceInsightsDays: undefined,
  deletionProtection: false,
};

const used = new Set<object>();

/** Everything around a resource, from its stack inwards. */
function around(app: App, path: string): IConstruct[] {
  const ids = path.split('/');
  const places = [app.node.findChild(ids[0]!)];
  for (const id of ids.slice(1)) places.push(places.at(-1)!.node.findChild(id));
  return places;
}

/** What is found and not accepted. */
function findingsIn(app: App, isGivenUp = false): string[] {
  const found = new AwsSolutionsChecks()
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({ ruleName, path: constructPath! })),
    );
  return found
    .filter(({ ruleName, path }) => {
      const places = around(app, path);
      const accepted = acceptedFindings.find(
        ({ of, finding, givenUp = false }) =>
          finding.test(ruleName) && places.some((each) => each instanceof of) && (isGivenUp || !givenUp),
      );
      if (accepted) used.add(accepted);
      return !accepted;
    })
    .map(({ ruleName, path }) => `${path}: ${ruleName}`);
}

beforeAll(() => {
  process.env.CDK_VALIDATION = 'false';
});

describe.each(directions)('%s, cdk-nag finds nothing that is not accepted for a reason', (_, direction) => {
  const settings = { ...direction, testSystem: documented.testSystem };
  const { from, to } = settings.upgrade;
  const app = (record: UpgradeRecord, given: Parameters<typeof resolveWords>[1] = {}) =>
    buildApp({ settings, record: withDoors(settings, record), words: resolveWords(record.posture, given) });

  test.each(sixPostures(settings))('at $live/$access', (words) => {
    expect(findingsIn(app(at(settings, words)))).toEqual([]);
  });

  test('while the new side is prepared', () => {
    expect(findingsIn(app(before(settings)))).toEqual([]);
  });

  test('when the old side is given up', () => {
    expect(
      findingsIn(app(at(settings, { live: to, access: 'open' }, readied), { retire: from }), true),
    ).toEqual([]);
  });

  test('when a side with a restored database is given up', () => {
    const record = at(settings, { live: to, access: 'open' }, readied);
    const databases = [restored(from), record.databases[1]!];
    const posture = { ...record.posture, served: { ...record.posture.served, [from]: restored(from).id } };
    expect(findingsIn(app({ ...record, databases, posture }, { retire: from }), true)).toEqual([]);
  });

  test('in the stack that takes the old database away', () => {
    expect(findingsIn(originalDatabaseApp(settings, 'Original', originalDatabase))).toEqual([]);
  });
});

test('nothing is accepted that is not found', () => {
  expect(acceptedFindings.filter((each) => !used.has(each))).toEqual([]);
});
