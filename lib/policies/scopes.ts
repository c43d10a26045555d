import { liveHosts, stackNames } from '../names';
import { type Settings, sides } from '../settings';
import { bucketScopes, databaseScopes, parameterScopes } from './data-scopes';
import { commandScopes, doorScopes, environmentScopes, roleScopes } from './environment-scopes';
import { peopleScopes } from './people-scopes';
import { environmentsOf, ofStacks, regional, type Scope } from './scope';

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

function stackScopes(settings: Settings): Scope[] {
  const names = stackNames(settings);
  const own = [
    ...[names.operations, names.door, names.fence, names.traffic, ...sides.map(names.side)],
    ...sides.map((side) => `${names.database(side, 1)}*`),
  ];
  const stack = (name: string) => regional(settings, 'cloudformation', `stack/${name}/*`);
  return [
    { sid: 'StacksListed', calls: /^cloudformation:ListStacks$/, resources: ['*'] },
    { sid: 'Stacks', calls: /^cloudformation:(?!ListStacks)/, phases: ofStacks, resources: own.map(stack) },
    // The CDK asks which version of its bootstrap is there.
    { sid: 'Bootstrap', calls: /^cloudformation:DescribeStacks$/, resources: [stack('CDKToolkit')] },
    // Made for a moment, and taken away.
    {
      sid: 'PassingStacks',
      calls: /^cloudformation:(?!ListStacks)/,
      phases: ['adopt', 'probe'],
      resources: [names.adoption, names.probe].map(stack),
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
      phases: ofStacks,
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
      sid: 'ProbedName',
      calls: /^(cloudformation > )?route53:ChangeResourceRecordSets$/,
      phases: ['adopt', 'probe'],
      resources: [zone],
      condition: {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [`upgrade-probe.${settings.zone.name}`],
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
