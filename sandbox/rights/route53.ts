import type { RightsTable } from './right';
import { onAnything } from './right';

const zone = (id: string) => `arn:aws:route53:::hostedzone/${id}`;

interface Change {
  action: string;
  name: string;
  type: string;
}

/**
 * The names as policies compare them: in small letters, without the dot at the end.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
 */
export const onRecords = (zoneId: string, changes: Change[]) => ({
  action: 'route53:ChangeResourceRecordSets',
  resource: zone(zoneId),
  context: {
    'route53:ChangeResourceRecordSetsNormalizedRecordNames': changes.map(({ name }) =>
      name.toLowerCase().replace(/\.$/, ''),
    ),
    'route53:ChangeResourceRecordSetsRecordTypes': changes.map(({ type }) => type),
    'route53:ChangeResourceRecordSetsActions': changes.map(({ action }) => action),
  },
});

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html */
export const route53Rights: RightsTable = {
  ListHostedZones: onAnything('route53:ListHostedZones'),
  ListHostedZonesByName: onAnything('route53:ListHostedZonesByName'),
  GetHostedZone: ({ id }) => [{ action: 'route53:GetHostedZone', resource: zone(id) }],
  ListResourceRecordSets: ({ id }) => [{ action: 'route53:ListResourceRecordSets', resource: zone(id) }],
  GetChange: ({ id }) => [{ action: 'route53:GetChange', resource: `arn:aws:route53:::change/${id}` }],
  ChangeResourceRecordSets: ({ id, changes }) => [onRecords(id, changes)],
};
