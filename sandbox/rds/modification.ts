import { changesOf, type Stated } from './settings';
import type { DatabaseInstance } from './state';

/** Changes that wait for the maintenance window unless they are to apply at once. */
const deferred = new Set<string>([
  'DBInstanceClass',
  'EngineVersion',
  'AllocatedStorage',
  'StorageType',
  'Iops',
  'StorageThroughput',
  'MultiAZ',
  'CACertificateIdentifier',
  'EnableIAMDatabaseAuthentication',
  'BackupRetentionPeriod',
]);
/** Changes that RDS only notes down. */
const noted = new Set<string>([
  'DeletionProtection',
  'CopyTagsToSnapshot',
  'AutoMinorVersionUpgrade',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
  'MaxAllocatedStorage',
]);
const restarting = new Set<string>(['DBInstanceClass', 'EngineVersion']);

/** What a request to modify comes to. */
export interface Modification {
  changed: string[];
  /** In effect with the answer. */
  now: Stated;
  /** In effect once the transition is over. */
  due: Stated;
  /** Listed as pending until then, or until somebody applies it. */
  pending: DatabaseInstance['pending'];
  /** Whether it takes a transition at all. */
  takesTime: boolean;
  restart: boolean;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html */
export function planModification(
  instance: DatabaseInstance,
  stated: Stated,
  password: string | undefined,
  applyImmediately: boolean,
): Modification {
  const waiting = without(instance.pending, (name) => name in stated || name === 'MasterUserPassword');
  const changes = changesOf(instance.settings, applyImmediately ? { ...waiting, ...stated } : stated);
  const later = without(changes, (name) => !deferred.has(name));
  const now = without(changes, (name) => deferred.has(name));
  const due = applyImmediately ? later : {};
  const effort = Object.keys({ ...now, ...due }).filter((name) => !noted.has(name));
  const pending = { ...waiting, ...later };
  return {
    ...{ changed: Object.keys(changes), now, due },
    pending: password === undefined ? pending : { ...pending, MasterUserPassword: '****' },
    takesTime: effort.length > 0 || password !== undefined,
    restart: effort.some((name) => restarting.has(name)),
  };
}

export function without(settings: Stated, unwanted: (name: string) => boolean): Stated {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== undefined && !unwanted(name)),
  );
}
