import { z } from 'zod';
import { PreconditionError } from './runbook/errors';
import { type Side, sides } from './settings';

/** What is so, as AWS keeps it: which side is live, and each database that served or will serve one. */

export const accesses = ['open', 'testing', 'frozen'] as const;
export type Access = (typeof accesses)[number];

const postureRecord = z.strictObject({
  live: z.enum(sides),
  access: z.enum(accesses),
  /** Raised to make every environment take its declared posture again. */
  n: z.number().int().min(1),
  /** The database that each side last served people from. */
  served: z.partialRecord(z.enum(sides), z.string()),
  /** Databases that fell behind: their side lost, or the upgrade they were restored for was called off. */
  spent: z.array(z.string()),
});
export type PostureRecord = z.output<typeof postureRecord>;

/** Everything a restore would drop or change, as the source had it when the snapshot was taken. */
const sourceAttributes = z.strictObject({
  instance: z.string(),
  engine: z.string(),
  engineVersion: z.string(),
  subnetGroup: z.string(),
  securityGroups: z.array(z.string()),
  parameterGroup: z.string(),
  optionGroup: z.string(),
  storageType: z.string(),
  storageGib: z.number().int(),
  iops: z.number().int().optional(),
  storageThroughput: z.number().int().optional(),
  multiAz: z.boolean(),
  backupRetentionDays: z.number().int(),
  backupWindow: z.string(),
  maintenanceWindow: z.string(),
  copyTagsToSnapshot: z.boolean(),
  publiclyAccessible: z.boolean(),
  caCertificate: z.string().optional(),
  performanceInsights: z.boolean(),
  iamAuthentication: z.boolean(),
  autoMinorVersionUpgrade: z.boolean(),
});
export type SourceAttributes = z.output<typeof sourceAttributes>;

/** A database as a template has to state it, so that nothing of it changes. */
export interface DatabaseDescription extends SourceAttributes {
  instanceClass: string;
  port: number;
  availabilityZone: string | undefined;
  networkType: string | undefined;
  encrypted: boolean;
  kmsKey: string | undefined;
  /** Up to which size its storage grows by itself. */
  maxStorageGib: number | undefined;
  licenseModel: string;
  logExports: string[];
  monitoringSeconds: number;
  monitoringRole: string | undefined;
  performanceInsightsKey: string | undefined;
  performanceInsightsDays: number | undefined;
  deletionProtection: boolean;
}

const databaseRecord = z.strictObject({
  id: z.string(),
  side: z.enum(sides),
  /** Counts the databases of a side; one that was there before the tool is generation 0. */
  generation: z.number().int().min(0),
  /** Absent for a database that was not restored by the tool. */
  snapshot: z.string().optional(),
  source: sourceAttributes.optional(),
  /** How many rows had ever been written to the source when the snapshot was started: more now, and it is too old. */
  sourceWrites: z.number().int().optional(),
  /** Where it accepts connections; absent until it did. */
  endpoint: z.string().optional(),
  /** How many tables and rows it has, once each table was found equal to the source's. */
  verified: z.strictObject({ tables: z.number().int(), rows: z.number().int() }).optional(),
  /** Whether its tables are as the side's application expects them. */
  migrated: z.boolean(),
  /** How many unregistered users there were before their conversion was begun first. */
  unregistered: z.number().int().optional(),
  /** Rows converted and duplicates left, once the users were converted. */
  converted: z.strictObject({ converted: z.number().int(), duplicates: z.number().int() }).optional(),
  /** Rows of the blocked e-mail table kept by number, and those put back. */
  blockedEmails: z
    .strictObject({
      kept: z.number().int(),
      putBack: z.number().int().optional(),
      left: z.number().int().optional(),
    })
    .optional(),
  /** Whether the copy's sessions were emptied. */
  sessionsEmptied: z.boolean().optional(),
  /** That it was given up, and by what snapshot its data is kept; absent until that snapshot was seen. */
  gone: z.strictObject({ finalSnapshot: z.string().optional() }).optional(),
  /** When the tables that the sync fills were found filled, and how many rows they had; a copy inherits it. */
  synced: z.strictObject({ at: z.string(), rows: z.number().int() }).optional(),
});
export type DatabaseRecord = z.output<typeof databaseRecord>;

/** The copy of production that the test system has, or is being given. */
const testSystemRecord = z.strictObject({
  ...databaseRecord.pick({
    id: true,
    generation: true,
    endpoint: true,
    migrated: true,
    unregistered: true,
    converted: true,
    blockedEmails: true,
    synced: true,
  }).shape,
  /** The database it is a copy of, and the snapshot it is restored from. */
  source: z.string(),
  snapshot: z.string(),
  /** How many addresses were looked at, once none was a person's. */
  sanitised: z.strictObject({ addresses: z.number().int() }).optional(),
  /** Where the test system's database was before. */
  replaced: z.string().optional(),
  /** Whether the test system was pointed at it. */
  inUse: z.boolean().optional(),
});
export type TestSystemRecord = z.output<typeof testSystemRecord>;

/** What is recorded, without what is observed beside it. */
export interface Recorded {
  posture: PostureRecord;
  databases: DatabaseRecord[];
}

export interface UpgradeRecord extends Recorded {
  /** The version label observed on each environment that exists, by its name. */
  versions: Record<string, string>;
  /** What the doors are made of; undefined where the settings have none. */
  door?: DoorRecord | undefined;
}

const doorRecord = z.strictObject({
  /** The ARN of the load balancer of each environment that exists, by the environment's name, as it is observed. */
  loadBalancers: z.record(z.string(), z.string()),
  /** What a tester's browser shows at the door; absent until somebody asked for a link. */
  testerToken: z.string().optional(),
});
export type DoorRecord = z.output<typeof doorRecord>;

const upgradeRecord = z.strictObject({
  posture: postureRecord,
  databases: z.array(databaseRecord),
  versions: z.record(z.string(), z.string()),
  door: doorRecord.optional(),
});

/** A record that is there but cannot be understood is an error, never a reason to fall back on a default. */
export function understood<T>(shape: z.ZodType<T>, text: unknown, where: string): T {
  let value = text;
  try {
    if (typeof text === 'string') value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('/') || 'record'}: ${issue.message}`);
  throw new PreconditionError('RECORD_UNREADABLE', {
    so: `The record at ${where} cannot be understood (${faults.join('; ')}).`,
    next: `Compare ${where} with docs/record-format.md and mend it; npm run status shows what AWS says itself.`,
  });
}

export const parsePostureRecord = (text: unknown, where: string) => understood(postureRecord, text, where);
export const parseDatabaseRecord = (text: unknown, where: string) => understood(databaseRecord, text, where);
export const parseTestSystemRecord = (text: unknown, where: string) =>
  understood(testSystemRecord, text, where);
export const parseUpgradeRecord = (value: unknown, where: string) => understood(upgradeRecord, value, where);

/** The databases of a side, the newest last. */
function ofSide(record: Recorded, side: Side): DatabaseRecord[] {
  return record.databases
    .filter((database) => database.side === side)
    .sort((a, b) => a.generation - b.generation);
}

/** Those that may still serve. */
function usable(record: Recorded, side: Side): DatabaseRecord[] {
  return ofSide(record, side).filter(({ id, gone }) => !gone && !record.posture.spent.includes(id));
}

/** A side's newest database that accepts connections, whether it has fallen behind or not. */
export function lastDatabaseOf(record: Recorded, side: Side): DatabaseRecord | undefined {
  return ofSide(record, side)
    .filter((database) => database.endpoint && !database.gone)
    .at(-1);
}

/** The database a side's processes should use: its newest that accepts connections and has not fallen behind. */
export function databaseOf(record: Recorded, side: Side): DatabaseRecord | undefined {
  return usable(record, side)
    .filter((database) => database.endpoint)
    .at(-1);
}

/** The database being made for a side by the upgrade under way: recorded, and never served from. */
export function databaseInTheMaking(record: Recorded, side: Side): DatabaseRecord | undefined {
  const newest = usable(record, side).at(-1);
  return newest && newest.generation > 0 && newest.id !== record.posture.served[side] ? newest : undefined;
}

/** The generation that a new database of this side gets. */
export function nextGeneration(record: Recorded, side: Side): number {
  const generations = record.databases.filter((each) => each.side === side).map((each) => each.generation);
  return Math.max(0, ...generations) + 1;
}
