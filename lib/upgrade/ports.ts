import type { DatabaseRecord, SourceAttributes, UpgradeRecord } from '../record';
import type { Clock } from '../runbook/clock';
import type { Settings } from '../settings';

/** What the upgrade needs of the world. lib/aws answers these from AWS; nothing here names a client library. */

export interface Database {
  id: string;
  /** AWS's word, such as "available" or "backing-up". */
  status: string;
  endpoint: string | undefined;
  attributes: SourceAttributes;
}

export interface Snapshot {
  id: string;
  status: string;
  percent: number;
  source: string;
  createdAt: Date | undefined;
}

export interface Databases {
  find(id: string): Promise<Database | undefined>;
  findSnapshot(id: string): Promise<Snapshot | undefined>;
  /** Starts a snapshot; one of that name that exists already is an error of AWS's that the caller has ruled out. */
  startSnapshot(databaseId: string, snapshotId: string): Promise<void>;
}

export interface Environment {
  name: string;
  id: string;
  /** AWS's words: "Ready", "Updating", ... */
  status: string;
  health: string;
  cname: string;
  versionLabel: string;
  platformArn: string;
  autoScalingGroup: string;
  instances: string[];
  /** Option values by `namespace:name`. */
  options: Record<string, string>;
}

export interface Environments {
  /** Undefined when there is none of that name that is not terminated. */
  find(name: string): Promise<Environment | undefined>;
  update(name: string, options: { namespace: string; name: string; value: string }[]): Promise<void>;
}

export interface ScalingGroups {
  suspended(group: string): Promise<string[]>;
  suspend(group: string, processes: string[]): Promise<void>;
  resume(group: string, processes: string[]): Promise<void>;
}

export interface CommandResult {
  commandId: string;
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface Instances {
  /**
   * Runs a script of lib/on-instance on one instance and waits for its end; the whole output is returned however long.
   * @param script the file's name without `.sh`
   * @param args quoted for the shell by the adapter; never a secret
   * @throws PreconditionError INSTANCE_UNREACHABLE when Run Command cannot reach it.
   * @throws StepFailedError COMMAND_TIMED_OUT when it does not end within `timeoutSeconds`.
   */
  run(
    instance: string,
    script: string,
    args: string[],
    options: { timeoutSeconds: number; onWait?: (seconds: number) => void },
  ): Promise<CommandResult>;
}

export interface Stack {
  name: string;
  status: string;
  statusReason: string | undefined;
}

export interface Stacks {
  find(name: string): Promise<Stack | undefined>;
  /** Creates a stack with its policy and its termination protection in one call. */
  create(name: string, template: string, policy: string, tags: Record<string, string>): Promise<void>;
  setPolicy(name: string, policy: string): Promise<void>;
  policy(name: string): Promise<string | undefined>;
  /** Why resources are in a failed state now; none when none is. */
  failures(name: string): Promise<string[]>;
}

/** What is so, kept in AWS. */
export interface RecordStore {
  read(): Promise<UpgradeRecord>;
  writeDatabase(record: DatabaseRecord): Promise<void>;
}

export interface Secrets {
  exists(name: string): Promise<boolean>;
  /** Makes a new secret parameter; its value is never read back by the tool. */
  create(name: string, value: string): Promise<void>;
}

export interface NameRecord {
  name: string;
  type: string;
  /** The target's name for an alias, the value otherwise; without a trailing dot, in lower case. */
  target: string;
  alias: boolean;
}

export interface Names {
  records(zoneId: string): Promise<NameRecord[]>;
}

/** How a visitor sees a host: by DNS and HTTP, from outside. */
export interface Outside {
  resolve(host: string): Promise<string[]>;
  /** Undefined when the connection was closed or refused. */
  ask(
    host: string,
    path: string,
    form?: Record<string, string>,
  ): Promise<{ status: number; body: string; address: string } | undefined>;
}

/** Whom a verb tells what it is doing. */
export type Progress = (text: string) => void;

/** All of it, for the verbs. */
export interface Ports {
  settings: Settings;
  clock: Clock;
  progress: Progress;
  databases: Databases;
  environments: Environments;
  scalingGroups: ScalingGroups;
  instances: Instances;
  stacks: Stacks;
  record: RecordStore;
  secrets: Secrets;
  names: Names;
  outside: Outside;
}
