import { createHash } from 'node:crypto';
import { AwsError } from '../errors';
import type { Server } from '../postgres/servers';
import type { Settings, Stated } from './settings';

export interface Tag {
  Key: string;
  Value: string;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
export type InstanceStatus =
  | 'available'
  | 'backing-up'
  | 'creating'
  | 'deleting'
  | 'failed'
  | 'modifying'
  | 'rebooting'
  | 'resetting-master-credentials';

export interface DatabaseInstance {
  id: string;
  arn: string;
  /** The DbiResourceId, which no other instance ever has. */
  resourceId: string;
  status: InstanceStatus;
  createdAtMs: number;
  masterUsername: string;
  databaseName: string | undefined;
  settings: Settings;
  /** Asked for and not yet in effect. */
  pending: Stated & { MasterUserPassword?: string };
  /** A parameter group that was changed takes effect with the next start. */
  awaitsReboot: boolean;
  tags: Tag[];
  /** The copying of its data, while that goes on. It takes real time, which cannot be skipped. */
  copying: Promise<unknown> | undefined;
  /** The server; it accepts connections while it runs. */
  cluster: Server | undefined;
}

export interface DatabaseSnapshot {
  id: string;
  arn: string;
  status: 'creating' | 'available' | 'failed';
  createdAtMs: number;
  availableAtMs: number;
  /** The instance as it was; its settings are those of the moment. */
  source: Pick<DatabaseInstance, 'id' | 'resourceId' | 'createdAtMs' | 'masterUsername' | 'databaseName'>;
  settings: Settings;
  tags: Tag[];
  /** The copied data; undefined until the copy is made. */
  folder: string | undefined;
  /** Restores that are still reading the data. */
  readers: Set<Promise<unknown>>;
}

/** The name of an instance's endpoint: every instance of an account and region shares the part behind its name. */
export function endpointOf(account: string, region: string, id: string): string {
  return `${id}.c${digest(`${account}/${region}`, 11, 36)}.${region}.rds.amazonaws.com`;
}

/** The instances and snapshots of one account in one region. Identifiers are kept in lower case, as RDS does. */
export class RdsState {
  readonly instances = new Map<string, DatabaseInstance>();
  readonly snapshots = new Map<string, DatabaseSnapshot>();
  private readonly endpoints = new Map<string, string>();

  constructor(
    readonly account: string,
    readonly region: string,
  ) {}

  instance(idOrArn: string): DatabaseInstance {
    const id = this.idOf(idOrArn, 'db');
    const found = this.instances.get(id);
    if (!found) throw new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
    return found;
  }

  snapshot(idOrArn: string): DatabaseSnapshot {
    const id = this.idOf(idOrArn, 'snapshot');
    const found = this.snapshots.get(id);
    if (!found) throw new AwsError('DBSnapshotNotFound', `DBSnapshot not found: ${id}`, 404);
    return found;
  }

  arnOf(kind: 'db' | 'snapshot', id: string): string {
    return `arn:aws:rds:${this.region}:${this.account}:${kind}:${id}`;
  }

  resourceIdOf(id: string, createdAtMs: number): string {
    return `db-${digest(`${this.account}/${id}/${createdAtMs}`, 26, 32).toUpperCase()}`;
  }

  endpointOf(instance: { id: string }): string {
    const known = this.endpoints.get(instance.id) ?? endpointOf(this.account, this.region, instance.id);
    this.endpoints.set(instance.id, known);
    return known;
  }

  private idOf(idOrArn: string, kind: 'db' | 'snapshot'): string {
    const prefix = this.arnOf(kind, '');
    return (idOrArn.startsWith(prefix) ? idOrArn.slice(prefix.length) : idOrArn).toLowerCase();
  }
}

function digest(text: string, length: number, radix: number): string {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)
    .toString(radix)
    .slice(0, length);
}
