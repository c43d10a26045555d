import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { Clock } from '../../../sandbox/clock';
import type { AnyResourceType, ResourceType } from '../../../sandbox/cloudformation/resource-type';
import { createCloudFormation } from '../../../sandbox/cloudformation/service';
import type { Listening } from '../../../sandbox/listening';
import { startServer } from '../../../sandbox/server';
import type { Service } from '../../../sandbox/service';
import type { StoredParameter, World } from '../../../sandbox/world';

type Properties = Record<string, unknown>;

/** What the tests can see and spoil of a type's resources. */
export interface FakeType extends ResourceType {
  living: Map<string, Properties>;
  /** What was asked of the type, such as `create Name`. */
  asked: string[];
  /** Verbs that fail for a name, such as `create Name`. */
  failing: Set<string>;
  previous: Properties[];
}

/** A type of AWS's under whose name a table of properties is kept. Every verb takes a modelled minute. */
export function fakeType(
  clock: Clock,
  typeName: string,
  nameProperty: string,
  others: string[],
  more: Partial<ResourceType> = {},
): FakeType {
  const shape = Object.fromEntries(others.map((name) => [name, z.unknown().optional()]));
  const living = new Map<string, Properties>();
  const asked: string[] = [];
  const failing = new Set<string>();
  const previous: Properties[] = [];
  let made = 0;
  const take = async (verb: string, name: string) => {
    asked.push(`${verb} ${name}`);
    await clock.sleep(60_000);
    if (failing.has(`${verb} ${name}`)) throw new Error(`${verb} ${name} was made to fail`);
  };
  const state = (name: string) => ({ physicalId: name, attributes: { Arn: `arn:fake:${name}`, Name: name } });
  return {
    typeName,
    living,
    asked,
    failing,
    previous,
    properties: z.strictObject({ [nameProperty]: z.string().optional(), ...shape }) as never,
    create: async ({ logicalId, properties }) => {
      const given = properties[nameProperty] as string | undefined;
      const name = given ?? `${logicalId}-${++made}`;
      await take('create', name);
      if (living.has(name)) throw new Error(`${name} already exists`);
      living.set(name, properties);
      return state(name);
    },
    update: async ({ physicalId, properties, previous: before }) => {
      previous.push(before);
      await take('update', physicalId);
      living.set(physicalId, properties);
      return state(physicalId);
    },
    delete: async ({ physicalId, snapshot }) => {
      await take(snapshot ? 'snapshot and delete' : 'delete', physicalId);
      living.delete(physicalId);
    },
    find: (physicalId) => (living.has(physicalId) ? state(physicalId) : undefined),
    nameOf: (properties) => properties[nameProperty] as string | undefined,
    ...more,
  };
}

export interface Site {
  clock: Clock;
  cloudformation: ReturnType<typeof createCloudFormation>;
  client: CloudFormationClient;
  server: Listening;
  topic: FakeType;
  database: FakeType;
  record: FakeType;
  objects: Map<string, Buffer>;
  store: Map<string, StoredParameter>;
  calls: string[];
  close(): Promise<void>;
}

/** CloudFormation over three fake types, served over HTTP. */
export async function startSite(otherServices: (site: Site) => Service[] = () => []): Promise<Site> {
  const clock = new Clock('skip', new Date(Date.now() + 60 * 60_000));
  const objects = new Map<string, Buffer>();
  const store = new Map<string, StoredParameter>();
  const world = {
    account: '111122223333',
    region: 'ap-southeast-2',
    clock,
    buckets: {
      get: (bucket: string, key: string) => objects.get(`${bucket}/${key}`),
      put: (bucket: string, key: string, body: Buffer) => objects.set(`${bucket}/${key}`, body),
    },
    parameters: { read: (name: string) => store.get(name) },
  } as unknown as World;
  const topic = fakeType(clock, 'AWS::SNS::Topic', 'TopicName', ['DisplayName', 'KmsMasterKeyId', 'Tags']);
  const database = fakeType(
    clock,
    'AWS::RDS::DBInstance',
    'DBInstanceIdentifier',
    ['DBSnapshotIdentifier', 'DBInstanceClass', 'MasterUserPassword'],
    { replaces: (before, after) => before.DBSnapshotIdentifier !== after.DBSnapshotIdentifier },
  );
  const record = adoptingRecord(clock);
  const types: AnyResourceType[] = [topic, database, record];
  const cloudformation = createCloudFormation({ world, resourceTypes: types });
  const calls: string[] = [];
  const site = { clock, cloudformation, topic, database, record, objects, store, calls } as Site;
  site.server = await startServer({
    services: [cloudformation.service, ...otherServices(site)],
    region: world.region,
    now: () => clock.date(),
    onCall: (call) => calls.push(call.action),
    onFault: (_call, error) => console.error(error),
  });
  site.client = new CloudFormationClient({
    region: world.region,
    endpoint: site.server.origin,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  site.close = async () => {
    clock.stop();
    site.client.destroy();
    await site.server.close();
  };
  return site;
}

/** A record that exists and is identical is taken over silently by a create, as Route 53's are. */
function adoptingRecord(clock: Clock): FakeType {
  const type = fakeType(clock, 'AWS::Route53::RecordSet', 'Name', [
    'Type',
    'HostedZoneId',
    'ResourceRecords',
    'TTL',
  ]);
  const create = type.create;
  type.create = async (request) => {
    const name = request.properties.Name as string;
    if (JSON.stringify(type.living.get(name)) === JSON.stringify(request.properties))
      type.living.delete(name);
    return create(request);
  };
  return type;
}
