import { RDSClient } from '@aws-sdk/client-rds';
import { Client } from 'pg';
import { Clock } from '../../../sandbox/clock';
import type { Listening } from '../../../sandbox/listening';
import { createRds, type Rds } from '../../../sandbox/rds/rds';
import { startServer } from '../../../sandbox/server';
import { defaultDurations, defaultSwitches, type Happening, type World } from '../../../sandbox/world';

export const masterPassword = 'kept-between-us-17';

/** RDS alone, over HTTP, with the page's database in it. */
export interface Bench {
  world: World;
  rds: Rds;
  client: RDSClient;
  server: Listening;
  /** Asks the database behind an endpoint. */
  ask<Row>(endpoint: string, sql: string, login?: { user?: string; password?: string }): Promise<Row[]>;
  stop(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const happenings: Happening[] = [];
  const clock = new Clock('skip', new Date('2026-11-20T11:00:00Z'));
  const world = {
    account: '123456789012',
    region: 'ap-southeast-2',
    clock,
    durations: { ...defaultDurations },
    switches: { ...defaultSwitches },
    happenings,
    happened: (kind: string, facts = {}) => happenings.push({ atMs: clock.nowMs(), kind, ...facts }),
  } as unknown as World;
  const rds = createRds(world);
  const server = await startServer({
    services: [rds.service],
    region: world.region,
    now: () => clock.date(),
  });
  const client = new RDSClient({
    region: world.region,
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  return {
    ...{ world, rds, client, server },
    async ask(endpoint, sql, { user = 'postgres', password = masterPassword } = {}) {
      const at = rds.databases.connectionTo(endpoint);
      if (!at) throw new Error(`nothing listens at ${endpoint}`);
      const connection = new Client({ ...at, user, password, database: 'ebdb' });
      await connection.connect();
      try {
        return (await connection.query(sql)).rows;
      } finally {
        await connection.end();
      }
    },
    async stop() {
      client.destroy();
      await server.close();
      clock.stop();
      await rds.stop();
    },
  };
}

/** The database as it stands before the upgrade. */
export function seedProduction(rds: Rds) {
  return rds.seed({
    id: 'production-blue',
    masterUsername: 'postgres',
    masterPassword,
    databaseName: 'ebdb',
    settings: {
      DBInstanceClass: 'db.t3.medium',
      EngineVersion: '17.6',
      AllocatedStorage: 100,
      StorageType: 'gp3',
      StorageEncrypted: true,
      KmsKeyId: 'arn:aws:kms:ap-southeast-2:123456789012:key/11111111-2222-3333-4444-555555555555',
      VpcSecurityGroupIds: ['sg-0123456789abcdef0'],
      DBSubnetGroupName: 'cobalt',
      DBParameterGroupName: 'cobalt-postgres17',
      BackupRetentionPeriod: 7,
      MultiAZ: true,
      DeletionProtection: true,
      CopyTagsToSnapshot: true,
    },
    tags: [{ Key: 'application', Value: 'cobalt' }],
    load: async (admin) => {
      await admin.query('create table users (id serial primary key, name text)');
      await admin.query("insert into users (name) select 'user ' || i from generate_series(1, 1000) i");
      await admin.query("create role reader login password 'only-reads-17'");
      await admin.query('grant select on users to reader');
    },
  });
}
