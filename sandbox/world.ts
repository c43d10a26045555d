import type { Clock } from './clock';

/** How long AWS takes, in milliseconds of the sandbox's time. The defaults come from the page's measured timings. */
export interface Durations {
  snapshotMs: number;
  /** Until a restored database accepts connections. */
  restoreMs: number;
  /** The first backup after a restore; "available" comes only after it. */
  baselineBackupMs: number;
  databaseDeleteMs: number;
  environmentCreateMs: number;
  environmentUpdateMs: number;
  environmentTerminateMs: number;
  instanceLaunchMs: number;
  recordsInSyncMs: number;
  migrateMs: number;
  convertMs: number;
  mpcSyncMs: number;
  sendBatchMs: number;
  /** Everything of CloudFormation's that has no duration of its own. */
  resourceMs: number;
  /** How long a change of IAM takes to be seen by whoever asks. */
  iamLagMs: number;
  /** Until all of AWS WAF acts by a change: "from a few seconds to a number of minutes". */
  webAclPropagationMs: number;
}

const minuteMs = 60_000;

export const defaultDurations: Durations = {
  snapshotMs: 8 * minuteMs,
  restoreMs: 15 * minuteMs,
  baselineBackupMs: 4 * minuteMs,
  databaseDeleteMs: 3 * minuteMs,
  environmentCreateMs: 8 * minuteMs,
  environmentUpdateMs: 5 * minuteMs,
  environmentTerminateMs: 5 * minuteMs,
  instanceLaunchMs: 3 * minuteMs,
  recordsInSyncMs: 40_000,
  migrateMs: 5 * minuteMs,
  convertMs: 4 * minuteMs,
  mpcSyncMs: 180 * minuteMs,
  sendBatchMs: 5_000,
  resourceMs: 2_000,
  iamLagMs: 0,
  webAclPropagationMs: 30_000,
};

/** What is not established about AWS: the sandbox can play either answer. */
export interface Switches {
  /** One name in both namespaces: which value the process gets. */
  duplicateVariableWins: 'environment' | 'environmentsecrets';
  /** Whether an update of an environment's template deploys the template's old version label again. */
  templateRedeploysVersion: boolean;
  /** Whether `get-config environment` shows the values of secrets to a shell on the instance. */
  shellSeesSecrets: boolean;
  /**
   * Whether a DB instance whose template no longer names its snapshot is replaced by an empty one, as documented.
   * The resource type's published source leaves it alone.
   */
  droppedSnapshotReplaces: boolean;
  /** Whether CloudFormation takes an existing, exactly identical alias record as its own, as it does other records. */
  adoptsIdenticalAlias: boolean;
  /** Whether it takes an existing, exactly identical record of plain addresses; users report both. */
  adoptsIdenticalAddress: boolean;
  /** Whether the import of an environment sets the options that its template states, as that of a database does. */
  importUpdatesEnvironment: boolean;
  /** Whether a load balancer that has a web ACL moves to the one it is associated with next, as users report. */
  associationReplaces: boolean;
  /** Whether a web ACL cannot be associated until it is everywhere, as documented to be possible. */
  newWebAclUnavailable: boolean;
}

export const defaultSwitches: Switches = {
  duplicateVariableWins: 'environmentsecrets',
  templateRedeploysVersion: true,
  shellSeesSecrets: true,
  droppedSnapshotReplaces: true,
  adoptsIdenticalAlias: true,
  adoptsIdenticalAddress: true,
  importUpdatesEnvironment: false,
  associationReplaces: true,
  newWebAclUnavailable: false,
};

/** Something that happened, kept in order for tests and for judging a run from outside. */
export interface Happening {
  atMs: number;
  /** Such as `email.sent`, `visitor.answered`, `process.started`, `database.deleted`. */
  kind: string;
  [fact: string]: unknown;
}

export interface Iam {
  /** What AWS would decide if the role asked now; a change counts only after its lag. */
  decide(role: string, action: string, resource: string): 'allowed' | 'implicitDeny' | 'explicitDeny';
  roleOfProfile(instanceProfile: string): string | undefined;
}

export interface StoredParameter {
  name: string;
  type: 'String' | 'SecureString';
  value: string;
  version: number;
  lastModifiedMs: number;
}

export interface Parameters {
  arnOf(name: string): string;
  /** By name or ARN. */
  read(nameOrArn: string): StoredParameter | undefined;
  put(name: string, value: string, type: 'String' | 'SecureString'): StoredParameter;
  remove(name: string): void;
}

export interface Buckets {
  put(bucket: string, key: string, body: Buffer): void;
  get(bucket: string, key: string): Buffer | undefined;
}

export interface Databases {
  /** Where the PostgreSQL behind an endpoint's name listens; undefined when nothing accepts connections there. */
  connectionTo(endpoint: string): { host: string; port: number } | undefined;
}

/** A process on an instance: what it obeys is the environment it was started with, whatever was declared since. */
export interface Process {
  pid: number;
  argv: string[];
  environ: Record<string, string>;
  startedAtMs: number;
}

/** A machine of an environment: a folder, its processes, and whether cron runs on it. */
export interface Instance {
  id: string;
  environment: string;
  /** The root of its file system: `<folder>/var/app`, `<folder>/proc`, ... */
  folder: string;
  role: string;
  privateAddress: string;
  state: 'pending' | 'running' | 'terminated';
  launchedAtMs: number;
  /** False when its agent is gone: Run Command cannot reach it. */
  managed: boolean;
  /** The variables of the last deployment, secrets resolved: what `deployment/env` holds. */
  deployed: Record<string, string>;
  /** Names in `deployed` that came from secrets. */
  deployedSecrets: Set<string>;
  versionLabel: string;
  web: Process | undefined;
  processes: Map<number, Process>;
  cron: { installed: boolean; enabled: boolean; running: boolean };
  /** Keeps the processes' /proc files, from now on until the returned function is called. */
  watch(): () => void;
  start(argv: string[], environ: Record<string, string>): Process;
  end(process: Process): void;
}

export interface WebRequest {
  method: string;
  /** With its query. */
  path: string;
  host: string;
  headers: Record<string, string>;
  body: string;
  /** From where it comes, as the load balancer sees it. */
  clientAddress?: string;
}

export interface WebResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Beanstalk {
  instances(): Instance[];
  /** The public addresses of a load balancer, by its name or an environment's CNAME. */
  addressesOf(name: string): string[];
  /** A request that arrived at a load balancer's address. Undefined: nothing listens there or it closed. */
  serve(address: string, request: WebRequest): Promise<WebResponse | undefined>;
}

export interface LoadBalancers {
  /** The ARNs of those that exist. */
  arns(): string[];
}

/** AWS WAF in front of the load balancers. */
export interface Door {
  /** The answer to a request that is blocked; undefined when it may pass. */
  refusal(loadBalancerArn: string, request: WebRequest): WebResponse | undefined;
  /** Whether a request may pass at any node now. A mere look: no client's turn passes. */
  letsThrough(loadBalancerArn: string, request: WebRequest): boolean;
}

export interface Zones {
  /** What an authoritative server answers now; `ttlSeconds` as a resolver may cache it. */
  resolve(
    name: string,
    type: 'A' | 'CNAME',
  ): { type: 'A' | 'CNAME'; name: string; value: string; ttlSeconds: number }[];
}

/** An entry of the application's crontab. */
export interface CronEntry {
  command: string;
  everyMs?: number;
  /** Sydney time, `HH:MM`. */
  dailyAt?: string;
}

export interface Application {
  crontab: CronEntry[];
  serve(web: Process, request: WebRequest): Promise<WebResponse>;
  /** `manage.py` with these arguments. Resolves to the exit code. `killed` is aborted when its process is killed. */
  manage(
    args: string[],
    environ: Record<string, string>,
    print: (text: string, stream?: 'stdout' | 'stderr') => void,
    killed?: AbortSignal,
  ): Promise<number>;
  /** Ends the pool of database connections of a process that is gone. */
  close(process: Process): Promise<void>;
}

/** What the machines of a sandbox keep. */
export interface Files {
  makeFolder(path: string): void;
  write(path: string, text: string, mode?: number): void;
  read(path: string): string;
  remove(path: string): void;
}

/** Everything there is. Services reach each other only through these. */
export interface World {
  account: string;
  region: string;
  clock: Clock;
  /** A temporary folder of this sandbox's own. */
  folder: string;
  files: Files;
  durations: Durations;
  switches: Switches;
  happenings: Happening[];
  happened(kind: string, facts?: Record<string, unknown>): void;
  iam: Iam;
  parameters: Parameters;
  buckets: Buckets;
  databases: Databases;
  beanstalk: Beanstalk;
  loadBalancers: LoadBalancers;
  door: Door;
  zones: Zones;
  application: Application;
}
