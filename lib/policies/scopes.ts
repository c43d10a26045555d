import { webTier } from '../constructs/instance-role';
import { bucketName, doorName, liveHosts, parameterArn, parameterNames, stackNames } from '../names';
import { type Settings, sides } from '../settings';
import { peopleScopes } from './people-scopes';
import type { Phase } from './phase';

/** Which resources a call may reach. */
export interface Scope {
  sid: string;
  /** Tested on a call, such as `rds:CreateDBSnapshot` or `cloudformation > iam:PutRolePolicy`. */
  calls: RegExp;
  phases?: Phase[];
  resources: string[];
  condition?: Record<string, Record<string, string[]>>;
}

/**
 * By the application's own names wherever the action knows resources:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * `original` is the database that people made, which a record names and no settings.
 */
export function scopesOf(settings: Settings, original: string): Scope[] {
  return [
    ...stackScopes(settings),
    ...environmentScopes(settings),
    ...databaseScopes(settings, original),
    ...parameterScopes(settings),
    ...commandScopes(settings),
    ...bucketScopes(settings),
    ...nameScopes(settings),
    ...roleScopes(settings),
    ...doorScopes(settings),
    ...peopleScopes(settings),
    {
      sid: 'Certificates',
      calls: /^acm:DescribeCertificate$/,
      resources: [regional(settings, 'acm', 'certificate/*')],
    },
  ];
}

const regional = ({ region, account }: Settings, service: string, rest: string) =>
  `arn:aws:${service}:${region}:${account}:${rest}`;
const environmentsOf = (settings: Settings) =>
  sides.flatMap((side) => Object.values(settings.sides[side].environments));
const byCloudFormation = {
  'ForAnyValue:StringEquals': { 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
};

function stackScopes(settings: Settings): Scope[] {
  const names = stackNames(settings);
  const own = [
    ...[names.operations, names.door, names.fence, names.traffic, ...sides.map(names.side)],
    ...sides.map((side) => `${names.database(side, 1)}*`),
  ];
  const stack = (name: string) => regional(settings, 'cloudformation', `stack/${name}/*`);
  return [
    { sid: 'StacksListed', calls: /^cloudformation:ListStacks$/, resources: ['*'] },
    { sid: 'Stacks', calls: /^cloudformation:(?!ListStacks)/, resources: own.map(stack) },
    // The CDK asks which version of its bootstrap is there.
    { sid: 'Bootstrap', calls: /^cloudformation:DescribeStacks$/, resources: [stack('CDKToolkit')] },
  ];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticbeanstalk.html */
function environmentScopes(settings: Settings): Scope[] {
  const { application, region } = settings;
  const beanstalk = (rest: string) => regional(settings, 'elasticbeanstalk', rest);
  const names = environmentsOf(settings).map(({ name }) => name);
  return [
    {
      sid: 'Environments',
      calls:
        /^(cloudformation > )?elasticbeanstalk:(?!DescribeApplicationVersions|DescribePlatformVersion|CheckDNSAvailability)/,
      resources: names.map((name) => beanstalk(`environment/${application}/${name}`)),
    },
    {
      sid: 'Versions',
      calls: /^elasticbeanstalk:(DescribeApplicationVersions|DescribePlatformVersion)$/,
      resources: [
        beanstalk(`applicationversion/${application}/*`),
        `arn:aws:elasticbeanstalk:${region}::platform/*`,
      ],
    },
    { sid: 'FreeNames', calls: /^elasticbeanstalk:CheckDNSAvailability$/, resources: ['*'] },
    { sid: 'GroupsSeen', calls: /^autoscaling:Describe/, resources: ['*'] },
    {
      sid: 'Groups',
      calls: /^autoscaling:(?!Describe)/,
      resources: [regional(settings, 'autoscaling', 'autoScalingGroup:*:autoScalingGroupName/awseb-*')],
      condition: {
        StringEquals: { 'autoscaling:ResourceTag/elasticbeanstalk:environment-name': names },
      },
    },
  ];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html */
function databaseScopes(settings: Settings, original: string): Scope[] {
  const rds = (rest: string) => regional(settings, 'rds', rest);
  const { from } = settings.upgrade;
  const bases = sides.map((side) => settings.sides[side].databases);
  const ofBases = (type: string) => bases.map((base) => rds(`${type}:${base}*`));
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
      resources: [rds(`db:${original}`), ...ofBases('db'), ...ofBases('snapshot')],
    },
    {
      sid: 'Restores',
      calls: /^(cloudformation > )?rds:(RestoreDBInstanceFromDBSnapshot|AddTagsToResource)$/,
      // As the source has them, which no settings name.
      resources: [
        ...ofBases('db'),
        ...ofBases('snapshot'),
        ...['subgrp', 'pg', 'og'].map((type) => rds(`${type}:*`)),
      ],
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
function parameterScopes(settings: Settings): Scope[] {
  const { parameterPath } = settings;
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
  ];
}

/** Elastic Beanstalk tags its instances: https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.tagging.html */
function commandScopes(settings: Settings): Scope[] {
  const { region } = settings;
  return [
    {
      sid: 'Commands',
      calls: /^ssm:SendCommand$/,
      resources: [
        `arn:aws:ssm:${region}::document/AWS-RunShellScript`,
        `arn:aws:s3:::${bucketName(settings)}`,
      ],
    },
    {
      sid: 'Instances',
      calls: /^ssm:SendCommand$/,
      resources: [regional(settings, 'ec2', 'instance/*')],
      condition: {
        StringEquals: {
          'ssm:resourceTag/elasticbeanstalk:environment-name': environmentsOf(settings).map(
            ({ name }) => name,
          ),
        },
      },
    },
    { sid: 'Answers', calls: /^ssm:GetCommandInvocation$/, resources: ['*'] },
  ];
}

/** The bucket of runs, and the one that `cdk bootstrap` made, for templates. */
function bucketScopes(settings: Settings): Scope[] {
  const own = `arn:aws:s3:::${bucketName(settings)}`;
  const assets = `arn:aws:s3:::cdk-hnb659fds-assets-${settings.account}-${settings.region}`;
  return [
    { sid: 'Runs', calls: /^s3:(GetObject|PutObject)$/, resources: [`${own}/*`] },
    { sid: 'Buckets', calls: /^s3:ListBucket$/, resources: [own, assets] },
    { sid: 'Assets', calls: /^s3:(GetBucketLocation|GetEncryptionConfiguration)$/, resources: [assets] },
    {
      sid: 'Templates',
      calls: /^(cloudformation > )?s3:(GetObject|PutObject)$/,
      phases: ['cutover', 'tidy-up'],
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

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html */
function nameScopes(settings: Settings): Scope[] {
  const zone = `arn:aws:route53:::hostedzone/${settings.zone.id}`;
  const previews = environmentsOf(settings).map(({ name }) => `${name}.${settings.zone.name}`);
  return [
    {
      sid: 'Zone',
      calls: /^(cloudformation > )?route53:(ListResourceRecordSets|GetHostedZone)$/,
      resources: [zone],
    },
    { sid: 'Zones', calls: /^route53:ListHostedZones$/, resources: ['*'] },
    {
      sid: 'OtherZones',
      calls: /^route53:ListResourceRecordSets$/,
      phases: ['tidy-up'],
      resources: ['arn:aws:route53:::hostedzone/*'],
    },
    {
      sid: 'Names',
      calls: /^(cloudformation > )?route53:ChangeResourceRecordSets$/,
      resources: [zone],
      condition: {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
            ...new Set([...liveHosts(settings), ...previews]),
          ],
          'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'CNAME'],
        },
      },
    },
    {
      sid: 'Changes',
      calls: /^(cloudformation > )?route53:GetChange$/,
      resources: ['arn:aws:route53:::change/*'],
    },
  ];
}

/** Roles are changed by CloudFormation alone, so that each change stands in a stack's events. */
function roleScopes(settings: Settings): Scope[] {
  const { account, environment, testSystem } = settings;
  // The test system's role is denied production's secrets, too.
  const made = [...environmentsOf(settings), ...(testSystem ? [testSystem.environment] : [])];
  const names = [...new Set(made.map(({ instanceRole }) => instanceRole))];
  const roles = names.map((name) => `arn:aws:iam::${account}:role/${name}`);
  const profiles = names.map((name) => `arn:aws:iam::${account}:instance-profile/${name}`);
  return [
    { sid: 'RolesSeen', calls: /^(cloudformation > )?iam:(Get|List)/, resources: [...roles, ...profiles] },
    {
      sid: 'Roles',
      calls: /^cloudformation > iam:(?!Get|List|PassRole|AttachRolePolicy)/,
      resources: [...roles, ...profiles],
      condition: byCloudFormation,
    },
    {
      sid: 'ManagedPolicies',
      calls: /^cloudformation > iam:AttachRolePolicy$/,
      resources: roles,
      condition: { ArnLike: { 'iam:PolicyARN': [webTier, ...(environment.instancePolicies ?? [])] } },
    },
    {
      sid: 'PassedToInstances',
      calls: /^cloudformation > iam:PassRole$/,
      resources: roles,
      condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com'] } },
    },
  ];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html */
function doorScopes(settings: Settings): Scope[] {
  const waf = (rest: string) => regional(settings, 'wafv2', `regional/${rest}`);
  const doors = environmentsOf(settings).map(({ name }) => waf(`webacl/${doorName(name)}/*`));
  const balancers = regional(settings, 'elasticloadbalancing', 'loadbalancer/app/awseb-*');
  return [
    {
      sid: 'DoorsSeen',
      calls: /wafv2:Get(WebACLForResource|SampledRequests)$/,
      resources: [balancers, waf('webacl/*')],
    },
    {
      sid: 'Doors',
      calls: /^cloudformation > wafv2:(?!GetWebACLForResource)/,
      resources: [...doors, waf(`ipset/${stackNames(settings).door}-testers/*`), balancers],
    },
    { sid: 'Association', calls: /^cloudformation > elasticloadbalancing:SetWebACL$/, resources: ['*'] },
  ];
}
