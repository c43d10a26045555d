import { casesOf } from './case';

const HostedZoneId = '$zone';
const record = (value: string) => ({
  Name: 'contract-$me.$zoneName',
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value: value }],
});
const change = (Action: string, ResourceRecordSet: object) => ({
  HostedZoneId,
  ChangeBatch: { Comment: 'Of a test', Changes: [{ Action, ResourceRecordSet }] },
});
const mail = { Name: 'contract-$me.$zoneName', Type: 'A', TTL: 60 };
const other = { HostedZoneId: 'Z00000000NOBODY' };

export const route53 = casesOf('route53', (ok, no) => [
  ok('ListHostedZones', {}),
  no('ListHostedZones', { Marker: 'Z00000000NOBODY' }, 'InvalidInput'),
  ok('ListHostedZonesByName', { DNSName: '$zoneName' }),
  no('ListHostedZonesByName', { HostedZoneId }, 'InvalidInput'),
  ok('GetHostedZone', { Id: HostedZoneId }),
  no('GetHostedZone', { Id: other.HostedZoneId }, 'NoSuchHostedZone'),
  ok('ListTagsForResource', { ResourceType: 'hostedzone', ResourceId: HostedZoneId }),
  no(
    'ListTagsForResource',
    { ResourceType: 'hostedzone', ResourceId: other.HostedZoneId },
    'NoSuchHostedZone',
  ),

  ok('ChangeResourceRecordSets', change('CREATE', record('192.0.2.1')), {
    keep: { change: 'ChangeInfo.Id' },
  }),
  no('ChangeResourceRecordSets', change('CREATE', record('192.0.2.1')), 'InvalidChangeBatch'),
  no('ChangeResourceRecordSets', { ...change('CREATE', record('192.0.2.1')), ...other }, 'NoSuchHostedZone'),
  no('ChangeResourceRecordSets', change('CREATE', mail), 'InvalidInput'),
  ok('GetChange', { Id: '$change' }, { until: ['ChangeInfo.Status', 'INSYNC'] }),
  no('GetChange', { Id: 'C0000000NOBODY' }, 'NoSuchChange'),
  ok('ListResourceRecordSets', { HostedZoneId, MaxItems: '1' }, { keep: { next: 'NextRecordName' } }),
  ok('ListResourceRecordSets', { HostedZoneId, MaxItems: '1', StartRecordName: '$next' }),
  no('ListResourceRecordSets', other, 'NoSuchHostedZone'),
  no('ListResourceRecordSets', { HostedZoneId, StartRecordType: 'A' }, 'InvalidInput'),
  ok('ChangeResourceRecordSets', change('DELETE', record('192.0.2.1'))),
]);
