import type { Account } from './actors/visitor';
import { lackingIn, seatVisitors } from './application/foreign';
import { type DataSize, loadPreparation, loadProduction, seededSession } from './application/production';
import type { PlannedDatabase } from './plan';
import type { Rds } from './rds/rds';
import type { World } from './world';

/** Fills the empty database there, with a login that owns it. */
export type LoadProduction = (database: {
  host: string;
  port: number;
  user: string;
  password: string;
  name: string;
}) => Promise<void>;

export interface SeedOptions {
  databases: PlannedDatabase[];
  /** Fewer rows, for tests. */
  size: Partial<DataSize> | undefined;
  /** In place of the stand-in's data. */
  loadProduction: LoadProduction | undefined;
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
  const foreign = seeded.find((each) => each !== undefined);
  if (foreign) return foreign;
  const accounts = Array.from({ length: options.visitors }, (_, index) => seededSession(index));
  return { accounts, lacking: [] };
}

/** Resolves to nothing where the rows are the stand-in's. */
async function seed(
  world: World,
  rds: Rds,
  { id, databaseName, masterUsername, instanceClass, passwordParameter, data }: PlannedDatabase,
  options: SeedOptions,
): Promise<Seeded | undefined> {
  const password = world.parameters.read(passwordParameter)!.value;
  const load = data === 'production' ? options.loadProduction : undefined;
  const at = world.clock.date();
  const { cluster } = await rds.seed({
    id,
    masterUsername,
    masterPassword: password,
    databaseName,
    settings: { DBInstanceClass: instanceClass, ...(data === 'production' ? productionSettings : {}) },
    ...(load
      ? {}
      : {
          load: (client) =>
            data === 'production' ? loadProduction(client, options.size, at) : loadPreparation(client, at),
        }),
  });
  if (!load || !cluster) return undefined;
  const login = { user: masterUsername, password, name: databaseName };
  await load({ host: '127.0.0.1', port: cluster.port, ...login });
  const client = await cluster.connectAs(masterUsername, password, databaseName);
  try {
    const { rows } = await client.query('SELECT FROM pg_stat_user_tables LIMIT 1');
    if (rows.length === 0) throw new NothingLoaded(`${databaseName} has no tables.`);
    await client.query('ANALYZE');
    const lacking = await lackingIn(client);
    if (lacking.length > 0) return { lacking, accounts: strangers(options.visitors) };
    return { lacking, accounts: await seatVisitors(client, options.visitors, at) };
  } finally {
    await client.end();
  }
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
