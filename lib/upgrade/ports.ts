import type {
  DatabaseDescription,
  DatabaseRecord,
  DoorRecord,
  Recorded,
  SourceAttributes,
  TestSystemRecord,
  UpgradeRecord,
} from '../record';
import type { Clock } from '../runbook/clock';
import type { Store } from '../runbook/store';
import type { Settings } from '../settings';
import type { Doors } from './door-ports';
import type { People } from './people-ports';
import type { Buckets, Catalogue, Certificates, Credentials, Quotas } from './preflight/ports';
import type { Answers } from './probe/answers';
import type { ChangeSets, Deployments, Stacks } from './stack-ports';

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

/** What is so of a database, for a template that states it. */
export interface LiveDatabase {
  status: string;
  description: DatabaseDescription;
  /** The names of changes that wait for the maintenance window or a reboot. */
  pending: string[];
  /** What is so of it and cannot be stated, such as that it is one of a cluster's. */
  unstated: string[];
}

export interface Databases {
  find(id: string): Promise<Database | undefined>;
  findSnapshot(id: string): Promise<Snapshot | undefined>;
  /** The snapshots that were made of a database by hand or at its end, whether it is still there or not. */
  snapshotsOf(id: string): Promise<Snapshot[]>;
  /** All that a template can state of it; undefined when there is none of that name. */
  describe(id: string): Promise<LiveDatabase | undefined>;
  /** Starts a snapshot; one of that name that exists already is an error of AWS's that the caller has ruled out. */
  startSnapshot(databaseId: string, snapshotId: string): Promise<void>;
  /** Begins to restore a snapshot as a database of its own, in the network of `like` and with its groups. */
  startRestore(
    snapshotId: string,
    databaseId: string,
    given: { instanceClass: string; like: SourceAttributes },
  ): Promise<void>;
}

/** How an environment is, whatever is set in it. */
export interface EnvironmentState {
  name: string;
  id: string;
  /** AWS's words: "Ready", "Updating", ... */
  status: string;
  health: string;
  cname: string;
  versionLabel: string;
  platformArn: string;
  autoScalingGroup: string;
  /** The ARNs of its load balancers. */
  loadBalancers: string[];
  instances: string[];
}

export interface Environment extends EnvironmentState {
  /** Option values by `namespace:name`. */
  options: Record<string, string>;
}

/** What is set in an environment, whatever its instances do. */
export type EnvironmentSettings = Pick<Environment, 'name' | 'status' | 'versionLabel' | 'options'>;

/** How an environment serves, as Elastic Beanstalk sees it. */
export interface EnvironmentHealth {
  /** AWS's word: "Ok", "Severe", ..., or a colour where there is basic health only. */
  status: string;
  causes: string[];
  /** Of the requests of the last seconds; undefined with basic health, and while there are none. */
  failedPercent: number | undefined;
}

export interface Environments {
  /** Undefined when there is none of that name that is not terminated. */
  find(name: string): Promise<Environment | undefined>;
  /** The same without its options, which are long. */
  state(name: string): Promise<EnvironmentState | undefined>;
  /** Undefined when there is none of that name. */
  health(name: string): Promise<EnvironmentHealth | undefined>;
  /** Of those that there are. */
  settingsOf(names: string[]): Promise<EnvironmentSettings[]>;
  /** Sets options, and removes others: one that is only left out keeps its value. */
  update(name: string, options: EnvironmentOption[], removals?: OptionName[]): Promise<void>;
  /** Begins the deployment of a version of the application. */
  deployVersion(name: string, versionLabel: string): Promise<void>;
  /** Starts the application's processes anew: they take the variables and secrets as they are now. */
  restart(name: string): Promise<void>;
}

export interface OptionName {
  namespace: string;
  name: string;
}

export interface EnvironmentOption extends OptionName {
  value: string;
}

/** How many instances a group may have at least and at most. */
export interface Sizes {
  min: number;
  max: number;
}

export interface ScalingGroups {
  suspended(group: string): Promise<string[]>;
  suspend(group: string, processes: string[]): Promise<void>;
  resume(group: string, processes: string[]): Promise<void>;
  /** The instances it has, whatever state they are in. */
  instances(group: string): Promise<string[]>;
  sizes(group: string): Promise<Sizes>;
  resize(group: string, sizes: Sizes): Promise<void>;
  /** Sets its sizes to zero: every instance of it ends. */
  empty(group: string): Promise<void>;
}

export interface CommandResult {
  commandId: string;
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A script that was sent to an instance, where it goes on whatever becomes of whoever sent it. */
export interface Begun {
  instance: string;
  script: string;
  commandId: string;
}

export interface Instances {
  /** The same as `run`, and does not wait for its end. */
  start(
    instance: string,
    script: string,
    args: string[],
    options: { timeoutSeconds: number },
  ): Promise<Begun>;
  /** How it ended; undefined while it goes on, and for ever when its instance is gone. Throws as `run` does. */
  ended(begun: Begun): Promise<CommandResult | undefined>;
  /**
   * Runs a script of lib/on-instance on one instance and waits for its end; the whole output is returned however long.
   * @param script the file's name without `.sh`
   * @param args quoted for the shell by the adapter; never a secret
   * @throws PreconditionError INSTANCE_UNREACHABLE when Run Command cannot reach it.
   * @param options.begun what may be so once it was begun, told when its end cannot be seen
   * @throws StepFailedError COMMAND_TIMED_OUT when it does not end within `timeoutSeconds`.
   */
  run(
    instance: string,
    script: string,
    args: string[],
    options: { timeoutSeconds: number; begun?: string; onWait?: (seconds: number) => void },
  ): Promise<CommandResult>;
  /** Ends an instance that cannot be asked what it does. */
  terminate(instance: string): Promise<void>;
}

/** The rights of instances. */
export interface InstanceRoles {
  /** The name of the role in an instance profile; undefined when there is no such profile, or none in it. */
  ofProfile(profile: string): Promise<string | undefined>;
  /** The ARNs of the managed policies that are attached to a role, and the names of those written into it. */
  policies(role: string): Promise<{ managed: string[]; inline: string[] }>;
}

/** What is so, kept in AWS. */
export interface RecordStore {
  read(): Promise<UpgradeRecord>;
  /** The same without what is observed: most of a night asks for no more, and AWS limits calls. */
  recorded(): Promise<Recorded>;
  /** What the doors are made of, for a deploy of theirs. */
  readDoor(): Promise<DoorRecord>;
  /** What a tester's browser shows at the doors; undefined where nobody asked for a link. */
  readTesterToken(): Promise<string | undefined>;
  writeTesterToken(token: string): Promise<void>;
  /** What this account answered to a probe; undefined when it was not asked. */
  readAnswers(): Promise<Answers | undefined>;
  writeAnswers(found: Answers): Promise<void>;
  /** One database as it was written last, to change a part of it: `read` may still answer what was before. */
  readDatabase(id: string): Promise<DatabaseRecord>;
  writeDatabase(record: DatabaseRecord): Promise<void>;
  /** Since when the recorded posture is what it is, as far back as its history is kept. */
  unchangedSince(): Promise<Date>;
  /** Undefined where the test system never had a copy. */
  readTestSystem(): Promise<TestSystemRecord | undefined>;
  writeTestSystem(record: TestSystemRecord): Promise<void>;
}

export interface Secrets {
  exists(name: string): Promise<boolean>;
  /** Makes a new secret parameter; its value is never read back by the tool. */
  create(name: string, value: string): Promise<void>;
}

export interface NameRecord {
  name: string;
  type: string;
  /** How long a resolver may keep it; an alias has none of its own. */
  ttlSeconds?: number;
  /** The target's name for an alias, the value otherwise; without a trailing dot, in lower case. */
  target: string;
  alias: boolean;
}

export interface Zone {
  id: string;
  name: string;
  private: boolean;
}

export interface Names {
  /** Every hosted zone of the account. */
  zones(): Promise<Zone[]>;
  records(zoneId: string): Promise<NameRecord[]>;
  /**
   * Takes these records away and nothing else, in one batch.
   * @throws PreconditionError RECORD_CHANGED when one is not as it is given here.
   */
  removeExactly(zoneId: string, records: NameRecord[]): Promise<void>;
  /** Puts one alias of type A in the place of whatever address records the name has, in one batch. */
  point(zoneId: string, name: string, target: { name: string; zoneId: string }): Promise<void>;
  /** Puts plain addresses in their place instead, in one batch. */
  address(zoneId: string, name: string, addresses: string[], ttlSeconds: number): Promise<void>;
  /** Lets resolvers keep a name's records no longer than this; what they say stays. */
  shorten(zoneId: string, name: string, ttlSeconds: number): Promise<void>;
}

/** How a visitor sees a host: by DNS and HTTP, from outside. */
export interface Outside {
  resolve(host: string): Promise<string[]>;
  /** Undefined when the connection was closed or refused. `cookies` are those that the answer sets, `NAME=VALUE`. */
  ask(
    host: string,
    path: string,
    request?: { method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string },
  ): Promise<{ status: number; body: string; cookies: string[]; address: string } | undefined>;
}

/** A command of this machine's, such as a person's own smoke test. */
export interface LocalCommands {
  run(command: string[], timeoutSeconds: number): Promise<{ exitCode: number; output: string }>;
}

/** Whom a verb tells what it is doing. */
export type Progress = (text: string) => void;

/** All of it, for the verbs. */
export interface Ports {
  settings: Settings;
  clock: Clock;
  progress: Progress;
  /** From now on no call is made before this has been asked and has not thrown; those of `objects` are. */
  guardCalls(guard: () => Promise<void>): void;
  databases: Databases;
  environments: Environments;
  scalingGroups: ScalingGroups;
  instances: Instances;
  stacks: Stacks;
  deployments: Deployments;
  objects: Store;
  localCommands: LocalCommands;
  record: RecordStore;
  secrets: Secrets;
  names: Names;
  changeSets: ChangeSets;
  roles: InstanceRoles;
  outside: Outside;
  doors: Doors;
  credentials: Credentials;
  catalogue: Catalogue;
  quotas: Quotas;
  certificates: Certificates;
  buckets: Buckets;
  people: People;
}
