import type { Durations } from '../../sandbox/world';

/** AWS in a hurry, for tests that let cron run meanwhile: fewer of its turns are to be played. */
export const quick: Partial<Durations> = {
  snapshotMs: 40_000,
  restoreMs: 60_000,
  baselineBackupMs: 10_000,
  environmentCreateMs: 60_000,
  environmentUpdateMs: 40_000,
  instanceLaunchMs: 20_000,
  migrateMs: 8_000,
  convertMs: 4_000,
  mpcSyncMs: 60_000,
};
