import { bucketName, parameterArn, parameterNames } from '../names';
import { type Settings, sides } from '../settings';
import { byCloudFormation, ofProduction, regional, type Scope } from './scope';

/** Of what is kept: databases, parameters and buckets. */

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html */
export function databaseScopes(settings: Settings, original: string): Scope[] {
  const rds = (rest: string) => regional(settings, 'rds', rest);
  const { from } = settings.upgrade;
  const bases = sides.map((side) => settings.sides[side].databases);
  const ofBases = (type: string) => bases.map((base) => rds(`${type}:${base}*`));
  const { testSystem } = settings;
  const ofTests = (type: string) => (testSystem ? [rds(`${type}:${testSystem.databases}-*`)] : []);
  // No settings name these.
  const likeTheSource = ['subgrp', 'pg', 'og'].map((type) => rds(`${type}:*`));
  return [
    {
      sid: 'DatabasesSeen',
      calls: /^(cloudformation > )?rds:Describe(DBInstances|DBSnapshots)$/,
      resources: [rds('db:*'), rds('snapshot:*')],
    },
    { sid: 'Account', calls: /^rds:DescribeAccountAttributes$/, resources: ['*'] },
    {
      sid: 'Snapshots',
      calls: /^rds:CreateDBSnapshot$/,
      phases: ofProduction,
      resources: [rds(`db:${original}`), ...ofBases('db'), ...ofBases('snapshot')],
    },
    {
      sid: 'Restores',
      calls: /^(cloudformation > )?rds:(RestoreDBInstanceFromDBSnapshot|AddTagsToResource)$/,
      phases: ofProduction,
      resources: [...ofBases('db'), ...ofBases('snapshot'), ...likeTheSource],
    },
    {
      sid: 'TestSnapshot',
      calls: /^rds:CreateDBSnapshot$/,
      phases: ['test-system'],
      resources: [rds(`db:${original}`), ...ofBases('db'), ...ofTests('snapshot')],
    },
    {
      sid: 'TestCopy',
      calls: /^rds:(RestoreDBInstanceFromDBSnapshot|AddTagsToResource)$/,
      phases: ['test-system'],
      resources: [...ofTests('db'), ...ofTests('snapshot'), ...likeTheSource],
    },
    {
      sid: 'OldDatabases',
      calls: /^(cloudformation > )?rds:(DeleteDBInstance|ModifyDBInstance|CreateDBSnapshot)$/,
      phases: ['tidy-up'],
      resources: [rds(`db:${original}`), rds(`db:${settings.sides[from].databases}*`), rds('snapshot:*')],
    },
  ];
}

/** Of secrets it is only seen whether they are there, and a missing one is made: none is read, none is overwritten. */
export function parameterScopes(settings: Settings): Scope[] {
  const { parameterPath, testSystem } = settings;
  const records = [parameterArn(settings, `${parameterPath}/upgrade/*`)];
  return [
    {
      sid: 'Records',
      calls: /^(cloudformation > )?ssm:(GetParameter\w*|PutParameter|DeleteParameter)$/,
      resources: records,
    },
    { sid: 'SecretsSeen', calls: /^ssm:DescribeParameters$/, resources: ['*'] },
    {
      sid: 'NewSecrets',
      calls: /^ssm:PutParameter$/,
      phases: ['cutover'],
      resources: [parameterArn(settings, parameterNames(settings).secret(settings.database.reader.secret))],
      condition: { StringEquals: { 'ssm:Overwrite': ['false'] } },
    },
    {
      sid: 'NotSet',
      calls: /^ssm:PutParameter$/,
      phases: ['adopt'],
      resources: [parameterArn(settings, parameterNames(settings).notSet)],
      condition: { StringEquals: { 'ssm:Overwrite': ['false'] } },
    },
    {
      sid: 'TestSecret',
      calls: /^ssm:PutParameter$/,
      phases: ['test-system'],
      resources: testSystem
        ? [parameterArn(settings, parameterNames(settings).secret(testSystem.secret))]
        : [],
      condition: { StringEquals: { 'ssm:Overwrite': ['false'] } },
    },
  ];
}

/** The bucket of runs, and the one that `cdk bootstrap` made, for templates. */
export function bucketScopes(settings: Settings): Scope[] {
  const own = `arn:aws:s3:::${bucketName(settings)}`;
  const assets = `arn:aws:s3:::cdk-hnb659fds-assets-${settings.account}-${settings.region}`;
  return [
    { sid: 'Runs', calls: /^s3:(GetObject|PutObject)$/, resources: [`${own}/*`] },
    { sid: 'Buckets', calls: /^s3:ListBucket$/, resources: [own, assets] },
    { sid: 'Assets', calls: /^s3:(GetBucketLocation|GetEncryptionConfiguration)$/, resources: [assets] },
    {
      sid: 'Templates',
      calls: /^(cloudformation > )?s3:(GetObject|PutObject)$/,
      phases: ['cutover', 'tidy-up', 'adopt', 'probe'],
      resources: [`${assets}/*`],
    },
    {
      sid: 'Operations',
      calls: /^cloudformation > s3:(?!GetObject)/,
      resources: [own],
      condition: byCloudFormation,
    },
  ];
}
