import {
  CreateHostedZoneCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  ListTagsForResourceCommand,
  paginateListHostedZones,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import type { Listening } from '../../../sandbox/listening';
import { clientOf, startRoute53, type TestWorld, testWorld, zoneId } from './world';

let world: TestWorld;
let server: Listening;
let route53: Route53Client;

beforeAll(async () => {
  world = testWorld();
  world.route53.seedZone({ id: 'Z0000000000000000002', name: 'abf.com.au' });
  world.route53.seedZone({ id: 'Z0000000000000000003', name: 'example.org' });
  for (const name of ['www', 'ses', 'a.www', 'ww-w'])
    world.route53.seedRecord({
      zoneId,
      name: `${name}.myabf.com.au`,
      type: 'A',
      ttlSeconds: 60,
      values: ['192.0.2.1'],
    });
  world.route53.seedRecord({
    zoneId,
    name: 'www.myabf.com.au',
    type: 'TXT',
    ttlSeconds: 60,
    values: ['"x"'],
  });
  server = await startRoute53(world);
  route53 = clientOf(server);
});
afterAll(async () => {
  await server.close();
  world.clock.stop();
});

test('lists the zones, page by page', async () => {
  const names: string[] = [];
  for await (const page of paginateListHostedZones({ client: route53, pageSize: 1 }, {}))
    names.push(...page.HostedZones!.map((zone) => zone.Name!));
  expect(names).toEqual(['myabf.com.au.', 'abf.com.au.', 'example.org.']);
  const { HostedZones, IsTruncated } = await route53.send(new ListHostedZonesCommand({}));
  expect(IsTruncated).toBe(false);
  expect(HostedZones![0]).toEqual({
    Id: `/hostedzone/${zoneId}`,
    Name: 'myabf.com.au.',
    CallerReference: expect.any(String),
    Config: { PrivateZone: false },
    ResourceRecordSetCount: 7,
  });
});

test('lists zones from a name on', async () => {
  const page = await route53.send(new ListHostedZonesByNameCommand({ DNSName: 'myabf.com.au', MaxItems: 1 }));
  expect(page.HostedZones!.map((zone) => zone.Name)).toEqual(['myabf.com.au.']);
  expect(page).toMatchObject({ DNSName: 'myabf.com.au', IsTruncated: true, NextDNSName: 'example.org.' });
});

test('tells a zone with its name servers', async () => {
  const { HostedZone, DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id: zoneId }));
  expect(HostedZone!.Name).toBe('myabf.com.au.');
  expect(DelegationSet!.NameServers).toHaveLength(4);
  const tags = await route53.send(
    new ListTagsForResourceCommand({ ResourceType: 'hostedzone', ResourceId: zoneId }),
  );
  expect(tags.ResourceTagSet).toMatchObject({ ResourceId: zoneId, Tags: [] });
});

test('lists records by reversed labels and type, from a name and type on, in pages', async () => {
  const rows = (page: { ResourceRecordSets?: { Name?: string; Type?: string }[] }) =>
    page.ResourceRecordSets!.map(({ Name, Type }) => `${Name} ${Type}`);
  const all = [
    'myabf.com.au. NS',
    'myabf.com.au. SOA',
    'ses.myabf.com.au. A',
    'ww-w.myabf.com.au. A',
    'www.myabf.com.au. A',
    'www.myabf.com.au. TXT',
    'a.www.myabf.com.au. A',
  ];
  const first = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, MaxItems: 5 }));
  expect(rows(first)).toEqual(all.slice(0, 5));
  expect(first).toMatchObject({
    IsTruncated: true,
    NextRecordName: 'www.myabf.com.au.',
    NextRecordType: 'TXT',
  });
  const second = await route53.send(
    new ListResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      StartRecordName: first.NextRecordName,
      StartRecordType: first.NextRecordType,
    }),
  );
  expect(rows(second)).toEqual(all.slice(5));
  expect(second.IsTruncated).toBe(false);
});

test('refuses a type to start at without a name', async () => {
  await expect(
    route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, StartRecordType: 'A' })),
  ).rejects.toMatchObject({ name: 'InvalidInput' });
});

test('an unknown zone is NoSuchHostedZone', async () => {
  const unknown = { name: 'NoSuchHostedZone', message: 'No hosted zone found with ID: Z404' };
  await expect(route53.send(new GetHostedZoneCommand({ Id: 'Z404' }))).rejects.toMatchObject(unknown);
  await expect(
    route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z404' })),
  ).rejects.toMatchObject(unknown);
});

test('what is not modelled is refused by name', async () => {
  await expect(
    route53.send(new CreateHostedZoneCommand({ Name: 'new.org', CallerReference: '1' })),
  ).rejects.toMatchObject({
    name: 'SandboxDoesNotModel',
    message: expect.stringContaining('POST /2013-04-01/hostedzone'),
  });
  await expect(
    route53.send(new ListHostedZonesCommand({ HostedZoneType: 'PrivateHostedZone' })),
  ).rejects.toMatchObject({
    name: 'SandboxDoesNotModel',
    message: expect.stringContaining('hostedzonetype'),
  });
});
