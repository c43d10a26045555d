import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import net from 'node:net';
import { promisify } from 'node:util';
import dnsPacket from 'dns-packet';
import { type RunningDnsServer, startDnsServer } from '../../../sandbox/network/dns';
import { beanstalkZoneId, blue, green, type TestWorld, testWorld, zoneId } from '../route53/world';

let world: TestWorld;
let server: RunningDnsServer;
let resolver: dns.promises.Resolver;

beforeEach(async () => {
  world = testWorld();
  const seed = world.route53.seedRecord;
  const target = { hostedZoneId: beanstalkZoneId };
  seed({ zoneId, name: 'myabf.com.au', type: 'A', alias: { ...target, dnsName: blue } });
  seed({ zoneId, name: 'www.myabf.com.au', type: 'CNAME', ttlSeconds: 300, values: [`${blue}.`] });
  seed({ zoneId, name: 'chain.myabf.com.au', type: 'CNAME', ttlSeconds: 30, values: ['www.myabf.com.au'] });
  seed({ zoneId, name: 'away.myabf.com.au', type: 'CNAME', ttlSeconds: 30, values: ['www.example.org'] });
  seed({ zoneId, name: 'a.b.myabf.com.au', type: 'AAAA', ttlSeconds: 30, values: ['2001:db8::1'] });
  seed({
    zoneId,
    name: 'txt.myabf.com.au',
    type: 'TXT',
    ttlSeconds: 30,
    values: ['"one" "two"', '"v=spf1 -all"'],
  });
  server = await startDnsServer(world.route53.zones);
  resolver = new dns.promises.Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
});
afterEach(async () => {
  await server.close();
  world.clock.stop();
});

const query = (name: string, type: dnsPacket.RecordType, more: Partial<dnsPacket.Packet> = {}) =>
  overTcp(dnsPacket.encode({ type: 'query', id: 7, questions: [{ name, type }], ...more }));

async function overTcp(message: Buffer): Promise<dnsPacket.DecodedPacket & { rcode?: string }> {
  const socket = net.connect(server.port, '127.0.0.1');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  socket.write(length);
  socket.write(message);
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) break;
  }
  return dnsPacket.decode(received.subarray(2));
}

async function overUdp(name: string, type: dnsPacket.RecordType): Promise<dnsPacket.DecodedPacket> {
  const socket = dgram.createSocket('udp4');
  const message = dnsPacket.encode({ type: 'query', id: 7, questions: [{ name, type }] });
  socket.send(message, server.port, '127.0.0.1');
  const [reply] = await once(socket, 'message');
  socket.close();
  return dnsPacket.decode(reply);
}

test('answers an alias with the load balancer behind it, to be kept for a minute', async () => {
  expect(await resolver.resolve4('myabf.com.au', { ttl: true })).toEqual([
    { address: '198.51.100.1', ttl: 60 },
  ]);
});

test('follows CNAMEs, each with its own TTL', async () => {
  expect(await resolver.resolve4('chain.myabf.com.au')).toEqual(['198.51.100.1']);
  expect(await resolver.resolveCname('chain.myabf.com.au')).toEqual(['www.myabf.com.au']);
  const { answers, flag_aa } = await query('chain.myabf.com.au', 'A');
  expect(flag_aa).toBe(true);
  expect(answers!.map((answer) => [answer.name, answer.type, 'ttl' in answer && answer.ttl])).toEqual([
    ['chain.myabf.com.au', 'CNAME', 30],
    ['www.myabf.com.au', 'CNAME', 300],
    [blue, 'A', 60],
  ]);
});

test('answers texts, IPv6 addresses, name servers and the SOA', async () => {
  expect(await resolver.resolveTxt('txt.myabf.com.au')).toEqual([['one', 'two'], ['v=spf1 -all']]);
  expect(await resolver.resolve6('a.b.myabf.com.au')).toEqual(['2001:db8::1']);
  expect(await resolver.resolveNs('myabf.com.au')).toHaveLength(4);
  expect(await resolver.resolveSoa('myabf.com.au')).toMatchObject({
    hostmaster: 'awsdns-hostmaster.amazon.com',
  });
});

test("knows Amazon's names: environments, load balancers, databases", async () => {
  expect(await resolver.resolve4(green)).toEqual(['198.51.100.2']);
  expect(await resolver.resolve4('awseb-green-1.ap-southeast-2.elb.amazonaws.com')).toEqual(['198.51.100.2']);
  expect(await resolver.resolve4('production-blue.abc.ap-southeast-2.rds.amazonaws.com')).toEqual([
    '127.0.0.1',
  ]);
  await expect(resolver.resolve4('gone.ap-southeast-2.elasticbeanstalk.com')).rejects.toMatchObject({
    code: 'ENOTFOUND',
  });
  await expect(resolver.resolve6(green)).rejects.toMatchObject({ code: 'ENODATA' });
});

test('tells no such name from no such type, with the SOA beside it', async () => {
  await expect(resolver.resolve4('none.myabf.com.au')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolve6('myabf.com.au')).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolve4('b.myabf.com.au')).rejects.toMatchObject({ code: 'ENODATA' });
  for (const [name, rcode] of [
    ['none.myabf.com.au', 'NXDOMAIN'],
    ['b.myabf.com.au', 'NOERROR'],
  ] as const) {
    const reply = await query(name, 'A');
    expect(reply).toMatchObject({ rcode, answers: [] });
    expect(reply.authorities).toMatchObject([
      { name: 'myabf.com.au', type: 'SOA', ttl: 900, data: { minimum: 86400 } },
    ]);
  }
});

test('an alias with nothing at its end has no data', async () => {
  world.addresses.delete(blue);
  await expect(resolver.resolve4('myabf.com.au')).rejects.toMatchObject({ code: 'ENODATA' });
});

test('refuses names that are not its own, and gives the CNAME that leads to one', async () => {
  await expect(resolver.resolve4('www.example.org')).rejects.toMatchObject({ code: 'EREFUSED' });
  expect(await query('away.myabf.com.au', 'A')).toMatchObject({
    rcode: 'NOERROR',
    answers: [{ data: 'www.example.org' }],
  });
});

test('answers the old records for the first half of the time to INSYNC, then the new', async () => {
  const { zones } = world.route53;
  const record = { name: 'new.myabf.com.au', type: 'A' as const, ttlSeconds: 60, values: ['192.0.2.1'] };
  zones.change(zoneId, [{ action: 'CREATE', record }]);
  await world.clock.skip(world.durations.recordsInSyncMs / 2 - 5_000);
  await expect(resolver.resolve4(record.name)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await world.clock.skip(5_000);
  expect(await resolver.resolve4(record.name)).toEqual(['192.0.2.1']);
});

test('keeps to the protocol with odd messages', async () => {
  expect(await query('myabf.com.au', 'A', { flags: 2 << 11 })).toMatchObject({ rcode: 'NOTIMP' });
  expect(
    await query('myabf.com.au', 'A', { questions: [{ name: 'myabf.com.au', type: 'A', class: 'CH' }] }),
  ).toMatchObject({ rcode: 'REFUSED' });
  expect(await query('myabf.com.au', 'A', { questions: [] })).toMatchObject({ rcode: 'FORMERR' });
  const broken = Buffer.concat([Buffer.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.from([63])]);
  expect(await overTcp(broken)).toMatchObject({ id: 9, rcode: 'FORMERR' });
});

test('an answer too long for a datagram is cut, and whole over TCP', async () => {
  const values = Array.from({ length: 4 }, (_, index) => `"${String(index).repeat(200)}"`);
  world.route53.seedRecord({ zoneId, name: 'long.myabf.com.au', type: 'TXT', ttlSeconds: 30, values });
  const cut = await overUdp('long.myabf.com.au', 'TXT');
  expect(cut).toMatchObject({ flag_tc: true, answers: [] });
  expect((await query('long.myabf.com.au', 'TXT')).answers).toHaveLength(4);
  expect(await resolver.resolveTxt('long.myabf.com.au')).toHaveLength(4);
});

test('dig agrees', async () => {
  const dig = (...args: string[]) =>
    promisify(execFile)('dig', ['@127.0.0.1', '-p', String(server.port), '+short', '+tries=1', ...args]);
  const run = await dig('www.myabf.com.au', 'A').catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    console.log('Skipped: there is no dig on this machine.');
  });
  if (run) expect(run.stdout).toBe(`${blue}.\n198.51.100.1\n`);
});
