import { Route53Client } from '@aws-sdk/client-route-53';
import { Clock, type TimeMode } from '../../../sandbox/clock';
import type { Listening } from '../../../sandbox/listening';
import { createRoute53, type Route53 } from '../../../sandbox/route53/route53';
import { startServer } from '../../../sandbox/server';
import { defaultDurations, defaultSwitches, type Happening, type World } from '../../../sandbox/world';

export const zoneId = 'Z0000000000000000001';
export const beanstalkZoneId = 'Z2PCDNR3VC2G1N';
export const blue = 'cobalt-production-blue.ap-southeast-2.elasticbeanstalk.com';
export const green = 'cobalt-production-green.ap-southeast-2.elasticbeanstalk.com';

export interface TestWorld extends Pick<World, 'clock' | 'durations' | 'switches' | 'happenings'> {
  world: World;
  route53: Route53;
  /** What stands in for Elastic Beanstalk: the addresses behind each name. */
  addresses: Map<string, string[]>;
}

/** A zone myabf.com.au, two environments' load balancers, one database, and nothing else. */
export function testWorld(mode: TimeMode = 'skip'): TestWorld {
  const clock = new Clock(mode, new Date('2026-11-20T11:00:00Z'));
  const addresses = new Map([
    [blue, ['198.51.100.1']],
    [green, ['198.51.100.2']],
    ['awseb-green-1.ap-southeast-2.elb.amazonaws.com', ['198.51.100.2']],
  ]);
  const happenings: Happening[] = [];
  const world = {
    account: '111111111111',
    region: 'ap-southeast-2',
    clock,
    durations: { ...defaultDurations },
    switches: { ...defaultSwitches },
    happenings,
    happened: (kind: string, facts: Record<string, unknown> = {}) =>
      void happenings.push({ atMs: clock.nowMs(), kind, ...facts }),
    databases: {
      connectionTo: (endpoint: string) =>
        endpoint.startsWith('production-blue.') ? { host: '127.0.0.1', port: 5555 } : undefined,
    },
    beanstalk: {
      instances: () => [],
      addressesOf: (name: string) => addresses.get(name) ?? [],
      serve: async () => undefined,
    },
  } as unknown as World;
  const route53 = createRoute53(world);
  world.zones = route53.zones;
  route53.seedZone({ id: zoneId, name: 'myabf.com.au.' });
  return {
    world,
    route53,
    addresses,
    clock,
    durations: world.durations,
    switches: world.switches,
    happenings,
  };
}

export function startRoute53({ world, route53 }: TestWorld): Promise<Listening> {
  return startServer({ services: [route53.service], region: world.region, now: () => world.clock.date() });
}

export function clientOf(server: Listening): Route53Client {
  return new Route53Client({
    endpoint: server.origin,
    region: 'ap-southeast-2',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
}

export const a = (name: string, ...values: string[]) => ({
  Name: name,
  Type: 'A' as const,
  TTL: 300,
  ResourceRecords: values.map((Value) => ({ Value })),
});

export const cname = (name: string, target: string) => ({
  Name: name,
  Type: 'CNAME' as const,
  TTL: 300,
  ResourceRecords: [{ Value: target }],
});

export const alias = (name: string, target: string, hostedZoneId = beanstalkZoneId) => ({
  Name: name,
  Type: 'A' as const,
  AliasTarget: { HostedZoneId: hostedZoneId, DNSName: target, EvaluateTargetHealth: false },
});
