import type { Words } from '../../lib/posture';
import type { DatabaseRecord, SourceAttributes, UpgradeRecord } from '../../lib/record';
import { reversed } from '../../lib/reversed';
import { otherSide, readSettings, type Settings, type Side } from '../../lib/settings';

/** The whole of the documented example. */
export const documented = readSettings('config/cobalt.yaml');

const { testSystem: _, ...withoutTestSystem } = documented;
/** The same without a test system, which costs each world a database and an environment, and watched for a moment only. */
export const cobalt: Settings = { ...withoutTestSystem, bakeMinutes: 8 };

/** Those of a production that people made: the environments of its live side share a role, and get ones of their own. */
export function sharingRoles(settings: Settings): Settings {
  const { from } = settings.upgrade;
  const side = settings.sides[from];
  const environments = Object.entries(side.environments).map(
    ([role, each]) => [role, { ...each, ownRole: true as const }] as const,
  );
  return {
    ...settings,
    sides: { ...settings.sides, [from]: { ...side, environments: Object.fromEntries(environments) } },
  };
}

/** Both directions of the upgrade, for tests that must hold in each. */
export const directions: [name: string, settings: Settings][] = [
  ['blue to green', cobalt],
  ['green to blue', reversed(cobalt)],
];

export const source: SourceAttributes = {
  instance: 'production-blue',
  engine: 'postgres',
  engineVersion: '17.6',
  subnetGroup: 'cobalt-database',
  securityGroups: ['sg-0c0ba170000000db'],
  parameterGroup: 'cobalt-postgres17',
  optionGroup: 'default:postgres-17',
  storageType: 'gp3',
  storageGib: 100,
  iops: 3000,
  storageThroughput: 125,
  multiAz: false,
  backupRetentionDays: 14,
  backupWindow: '15:00-15:30',
  maintenanceWindow: 'sun:16:00-sun:16:30',
  copyTagsToSnapshot: true,
  publiclyAccessible: false,
  caCertificate: 'rds-ca-rsa2048-g1',
  performanceInsights: true,
  iamAuthentication: false,
  autoMinorVersionUpgrade: false,
};

/** The database a side had before the tool restored any. */
export function original(side: Side): DatabaseRecord {
  const id = `production-${side}`;
  return {
    id,
    side,
    generation: 0,
    endpoint: `${id}.c0ba17.ap-southeast-2.rds.amazonaws.com`,
    migrated: true,
  };
}

/** A database restored for a side. */
export function restored(side: Side, facts: Partial<DatabaseRecord> = {}): DatabaseRecord {
  const id = facts.id ?? `cobalt-production-${side}`;
  return {
    id,
    side,
    generation: 1,
    snapshot: `${id}-from-production-${otherSide(side)}`,
    source,
    endpoint: `${id}.c0ba17.ap-southeast-2.rds.amazonaws.com`,
    migrated: true,
    ...facts,
  };
}

/** What the verbs have recorded of a copy that may serve people. */
export const readied: Partial<DatabaseRecord> = {
  sessionsEmptied: true,
  converted: { converted: 258, duplicates: 2 },
  blockedEmails: { kept: 20, putBack: 20, left: 0 },
};

/** The record before an upgrade: the old side is open on its original database. */
export function before(settings: Settings): UpgradeRecord {
  const live = settings.upgrade.from;
  return {
    posture: { live, access: 'open', n: 1, served: { [live]: original(live).id }, spent: [] },
    databases: [original(live)],
    versions: {},
  };
}

/** The record as it stands at a posture of the upgrade, with the new side's database restored and migrated. */
export function at(
  settings: Settings,
  words: Omit<Words, 'reassert'>,
  fresh: Partial<DatabaseRecord> = {},
): UpgradeRecord {
  const record = before(settings);
  const { from, to } = settings.upgrade;
  const served = { [from]: original(from).id };
  if (words.live === to && words.access === 'open') served[to] = restored(to).id;
  return {
    ...record,
    posture: { ...record.posture, ...words, served },
    databases: [original(from), restored(to, fresh)],
  };
}

/** The six postures: every side live, in every access. */
export function sixPostures(settings: Settings): Omit<Words, 'reassert'>[] {
  const { from, to } = settings.upgrade;
  return [from, to].flatMap((live) =>
    (['open', 'testing', 'frozen'] as const).map((access) => ({ live, access })),
  );
}
