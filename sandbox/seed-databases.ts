import type { Client } from 'pg';
import type { Account } from './actors/visitor';
import { CheckoutUnfit, migrateToBefore } from './application/checkout-tables';
import { lackingIn, seatVisitors } from './application/foreign';
import {
  type DataSize,
  loadPreparation,
  loadProduction,
  loadRows,
  seededSession,
} from './application/production';
import type { PlannedDatabase } from './plan';
import type { Rds } from './rds/rds';
import type { RealPython } from './shell/stand-ins';
import type { World } from './world';

/** Where a database is, and the login that owns it. */
export interface Login {
  host: string;
  port: number;
  user: string;
  password: string;
  name: string;
}

/** Fills an empty database. */
export type LoadProduction = (login: Login) => Promise<void>;

export interface SeedOptions {
  databases: PlannedDatabase[];
  /** Fewer rows, for tests. */
  size: Partial<DataSize> | undefined;
  /** In place of the stand-in's tables and rows. */
  loadProduction: LoadProduction | undefined;
  /** A checkout whose own migrations make the tables for the stand-in's rows. */
  checkout: Omit<RealPython, 'releasesBefore'> | undefined;
  visitors: number;
}

export interface Seeded {
  /** Who acts on the old side's database. */
  accounts: Account[];
  /** What the old side's database lacks of what the stand-in's pages and commands work on. */
  lacking: string[];
}

/** Thrown when there is no table in the database after it was loaded. */
export class NothingLoaded extends Error {}

/** Makes the databases that are there when the sandbox starts. */
export async function seedDatabases(world: World, rds: Rds, options: SeedOptions): Promise<Seeded> {
  const seeded = await Promise.all(options.databases.map((planned) => seed(world, rds, planned, options)));
  return seeded.find((each) => each !== undefined) ?? { accounts: [], lacking: [] };
}

/** Resolves to nothing for a database that nobody visits. */
async function seed(
  world: World,
  rds: Rds,
  { id, databaseName, masterUsername, instanceClass, password: given, data }: PlannedDatabase,
  options: SeedOptions,
): Promise<Seeded | undefined> {
  const password = typeof given === 'string' ? given : world.parameters.read(given.parameter)!.value;
  const at = world.clock.date();
  const instance = await rds.seed({
    id,
    masterUsername,
    masterPassword: password,
    databaseName,
    settings: { DBInstanceClass: instanceClass, ...(data === 'production' ? productionSettings : {}) },
  });
  const cluster = instance.cluster!;
  const login = {
    host: '127.0.0.1',
    port: cluster.port,
    user: masterUsername,
    password,
    name: databaseName,
  };
  const client = await cluster.connectAs(masterUsername, password, databaseName);
  try {
    if (data === 'production') return await fill(client, login, options, at);
    await loadPreparation(client, at);
    return undefined;
  } finally {
    await client.end();
  }
}

async function fill(client: Client, login: Login, options: SeedOptions, at: Date): Promise<Seeded> {
  const { checkout, size, visitors } = options;
  if (options.loadProduction) {
    await options.loadProduction(login);
    return takeIn(client, visitors, at);
  }
  if (checkout) await migrateToBefore(checkout, login);
  if (await hasTables(client)) {
    const lacking = await lackingIn(client);
    if (lacking.length > 0) throw new CheckoutUnfit(`its tables lack ${lacking.slice(0, 3).join(', ')}`);
    await loadRows(client, size, at);
  } else await loadProduction(client, size, at);
  return {
    lacking: [],
    accounts: Array.from({ length: visitors }, (_, index) => seededSession(index)),
  };
}

async function takeIn(client: Client, visitors: number, at: Date): Promise<Seeded> {
  if (!(await hasTables(client))) throw new NothingLoaded();
  await client.query('ANALYZE');
  const lacking = await lackingIn(client);
  return {
    lacking,
    accounts: lacking.length > 0 ? strangers(visitors) : await seatVisitors(client, visitors, at),
  };
}

async function hasTables(client: Client): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM pg_stat_user_tables LIMIT 1');
  return rows.length > 0;
}

/** Visitors of an application that lets anybody in. */
function strangers(count: number): Account[] {
  return Array.from({ length: count }, (_, index) => ({
    username: `visitor${index + 1}`,
    password: '',
    cookie: '',
  }));
}

/** What a production has and a restore would drop. */
const productionSettings = {
  DBSubnetGroupName: 'cobalt-database',
  VpcSecurityGroupIds: ['sg-0c0ba170000000db'],
  DBParameterGroupName: 'cobalt-postgres17',
  BackupRetentionPeriod: 14,
  DeletionProtection: true,
  AllocatedStorage: 100,
};
