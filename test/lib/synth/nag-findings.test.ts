import type { App } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { acceptedFindings } from '../../../lib/accepted-findings';
import { buildApp, originalDatabaseApp } from '../../../lib/app';
import type { DatabaseDescription } from '../../../lib/record';
import { recordsIn } from '../../../lib/synth/files';
import { nagFindings } from '../../../lib/synth/nag-findings';
import { isGivenUp, type Situation, situations } from '../../../lib/synth/situations';
import { documented, source } from '../../support/upgrade';

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

const all = situations(documented, recordsIn('config/synth'));
const used = new Set<object>();
const findingsIn = (app: App, givenUp = false) => nagFindings(app, givenUp, (each) => used.add(each));

/** Every situation is asked by npm run check:synth; these need every acceptance. */
test.each(all.filter(({ name }) => name === 'prepared' || isGivenUp(name)))(
  '$direction, $name: cdk-nag finds nothing that is not accepted for a reason',
  ({ settings, record, words }) => {
    expect(findingsIn(buildApp({ settings, record, words }), words.retire !== undefined)).toEqual([]);
  },
);

test('nor in the stack that takes the old database away', () => {
  expect(findingsIn(originalDatabaseApp(documented, 'Original', originalDatabase))).toEqual([]);
});

test('what nobody accepted is found, with its place', () => {
  const [{ settings, record, words }] = all as [Situation];
  const app = buildApp({ settings, record, words });
  new Bucket(app.node.findChild('CobaltTraffic'), 'Open');
  expect(nagFindings(app, false)).toContainEqual(
    expect.objectContaining({ stack: 'CobaltTraffic', resource: 'Open/Resource', rule: 'AwsSolutions-S1' }),
  );
});

test('nothing is accepted that is not found', () => {
  expect(acceptedFindings.filter((each) => !used.has(each))).toEqual([]);
});
