import { Clients } from '../../../lib/aws/clients';
import { Route53Names } from '../../../lib/aws/names';
import { toXml } from '../../../sandbox/protocol/query';
import type { RestService, Service } from '../../../sandbox/service';
import { startAws, type TestAws } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

let aws: TestAws | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

async function clientsOf(...services: Service[]): Promise<Clients> {
  aws = await startAws(services);
  return new Clients(cobalt);
}

test('records are read to the last page, their names as people write them', async () => {
  const page = (sets: object[], more: object) =>
    toXml({
      ListResourceRecordSetsResponse: {
        '@xmlns': 'https://route53.amazonaws.com/doc/2013-04-01/',
        ResourceRecordSets: { ResourceRecordSet: sets },
        MaxItems: 100,
        ...more,
      },
    });
  const alias = (Name: string, DNSName: string) => ({
    Name,
    Type: 'A',
    AliasTarget: { HostedZoneId: 'Z2', DNSName, EvaluateTargetHealth: false },
  });
  const values = (Name: string, Type: string, all: string[]) => ({
    Name,
    Type,
    TTL: 300,
    ResourceRecords: { ResourceRecord: all.map((Value) => ({ Value })) },
  });
  const route53: RestService = {
    name: 'route53',
    protocol: 'rest-xml',
    operations: {},
    handle: async ({ query }) => ({
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: query.has('name')
        ? page([values('\\052.myabf.com.au.', 'A', ['192.0.2.1', '192.0.2.2'])], { IsTruncated: false })
        : page([alias('myabf.com.au.', 'Web.ap-southeast-2.elasticbeanstalk.com.')], {
            IsTruncated: true,
            NextRecordName: '\\052.myabf.com.au.',
            NextRecordType: 'A',
          }),
    }),
  };
  expect(await new Route53Names(await clientsOf(route53)).records('Z1')).toEqual([
    { name: 'myabf.com.au', type: 'A', target: 'web.ap-southeast-2.elasticbeanstalk.com', alias: true },
    { name: '*.myabf.com.au', type: 'A', target: '192.0.2.1', alias: false, ttlSeconds: 300 },
    { name: '*.myabf.com.au', type: 'A', target: '192.0.2.2', alias: false, ttlSeconds: 300 },
  ]);
});

test('a name gets one alias in the place of whatever answers for it, in one batch', async () => {
  const record = (inside: string) =>
    `<ResourceRecordSet><Name>www.myabf.com.au.</Name>${inside}</ResourceRecordSet>`;
  const value = (type: string, data: string, more = '') =>
    record(
      `<Type>${type}</Type>${more}<TTL>300</TTL><ResourceRecords><ResourceRecord><Value>${data}</Value></ResourceRecord></ResourceRecords>`,
    );
  const sets = [
    value('A', '192.0.2.1'),
    value('AAAA', '2001:db8::1'),
    value('A', '192.0.2.2', '<SetIdentifier>second</SetIdentifier><Weight>1</Weight>'),
    value('TXT', '"kept"'),
    value('CNAME', 'elsewhere.example.com').replace('www', 'other'),
  ];
  let sent = '';
  const route53: RestService = {
    name: 'route53',
    protocol: 'rest-xml',
    operations: {},
    handle: async ({ method, body }) => {
      if (method === 'POST') sent = body.toString();
      const answer =
        method === 'POST'
          ? '<ChangeResourceRecordSetsResponse><ChangeInfo><Id>C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-23T11:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>'
          : `<ListResourceRecordSetsResponse><ResourceRecordSets>${sets.join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`;
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: answer };
    },
  };
  const target = { name: 'web.ap-southeast-2.elasticbeanstalk.com', zoneId: 'Z2' };
  await new Route53Names(await clientsOf(route53)).point('Z1', 'www.myabf.com.au', target);
  const changes = [...sent.matchAll(/<Change>.*?<\/Change>/gs)].map(([change]) => {
    const [, action, , type] = /<Action>(\w+)<(.*?)<Type>(\w+)</s.exec(change)!;
    return `${action} ${type}${change.includes('second') ? ' second' : ''}`;
  });
  expect(changes).toEqual(['DELETE AAAA', 'DELETE A second', 'UPSERT A']);
  expect(sent).toContain('<EvaluateTargetHealth>false</EvaluateTargetHealth>');
  expect(sent).toContain(`<DNSName>${target.name}</DNSName>`);
});
