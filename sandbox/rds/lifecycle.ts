import { AwsError } from '../errors';
import { Postgres } from '../postgres/postgres';
import type { Server, Servers } from '../postgres/servers';
import type { World } from '../world';
import { planModification, without } from './modification';
import { makeRoles, setPassword } from './roles';
import { restoredSettings, type Stated, withStated } from './settings';
import { type DatabaseInstance, type DatabaseSnapshot, RdsState, type Tag } from './state';

/** An act that was accepted: what it acts on, and when its transition is over. `settled` never rejects. */
export interface Accepted<Subject> {
  subject: Subject;
  settled: Promise<void>;
}

export interface NewInstance extends Pick<DatabaseInstance, 'id' | 'settings' | 'tags'> {
  masterUsername: string;
  masterPassword: string;
  databaseName: string | undefined;
}

/** What happens to instances and snapshots, with real servers behind them. Refuses only what their status forbids. */
export class Lifecycle {
  readonly state: RdsState;
  private opening: Promise<Servers> | undefined;

  constructor(
    private readonly world: World,
    private readonly open: () => Promise<Servers> = () => Postgres.open(),
  ) {
    this.state = new RdsState(world.account, world.region);
  }

  /** An instance that is available at once. */
  async seed(request: NewInstance): Promise<DatabaseInstance> {
    const instance = this.add(request);
    await this.startEmpty(instance, request);
    instance.status = 'available';
    return instance;
  }

  create(request: NewInstance): Accepted<DatabaseInstance> {
    const instance = this.add(request);
    const settled = this.transition(instance, 'creation', async () => {
      await this.world.clock.sleep(this.world.durations.restoreMs);
      await this.startEmpty(instance, request);
      this.world.happened('database.created', { id: instance.id });
      await this.firstBackup(instance);
    });
    return { subject: instance, settled };
  }

  restore(snapshot: DatabaseSnapshot, id: string, stated: Stated, tags: Tag[]): Accepted<DatabaseInstance> {
    const { folder } = snapshot;
    if (snapshot.status !== 'available' || folder === undefined)
      throw new AwsError(
        'InvalidDBSnapshotState',
        `Cannot restore from the snapshot ${snapshot.id} because it is not currently in the available state.`,
      );
    const settings = withStated(restoredSettings(snapshot.settings, this.world.region), stated);
    const { masterUsername, databaseName } = snapshot.source;
    const instance = this.add({ id, settings, tags, masterUsername, databaseName });
    this.world.happened('restore.started', { id: instance.id, snapshot: snapshot.id });
    const settled = this.transition(instance, 'restore', async () => {
      const copied = this.postgres().then((postgres) => postgres.clusterFrom(folder));
      snapshot.readers.add(copied);
      instance.copying = copied;
      const cluster = await copied.finally(() => snapshot.readers.delete(copied));
      await this.world.clock.sleep(this.world.durations.restoreMs);
      await cluster.start();
      instance.cluster = cluster;
      this.world.happened('database.restored', { id: instance.id, snapshot: snapshot.id });
      await this.firstBackup(instance);
    });
    return { subject: instance, settled };
  }

  /** Resolves once the data is copied: what is committed after the answer is not in the snapshot. */
  async snapshot(source: DatabaseInstance, id: string, tags: Tag[]): Promise<Accepted<DatabaseSnapshot>> {
    const { cluster } = source;
    if (source.status !== 'available' || !cluster)
      throw new AwsError(
        'InvalidDBInstanceState',
        `Cannot create a snapshot because the database instance ${source.id} is not currently in the available state.`,
      );
    source.status = 'backing-up';
    const snapshot = this.addSnapshot(source, id, tags);
    try {
      await this.world.clock.run(`copy of ${source.id}`, async () => {
        snapshot.folder = await (await this.postgres()).copyOf(cluster);
      });
    } catch (error) {
      this.state.snapshots.delete(snapshot.id);
      source.status = 'available';
      throw error;
    }
    const settled = this.transition(source, `snapshot ${snapshot.id}`, async () => {
      await this.becomeAvailable(snapshot);
      source.status = 'available';
    });
    return { subject: snapshot, settled };
  }

  async deleteSnapshot(snapshot: DatabaseSnapshot): Promise<void> {
    const { folder } = snapshot;
    if (snapshot.status !== 'available' || folder === undefined)
      throw new AwsError(
        'InvalidDBSnapshotState',
        `Cannot delete the snapshot because it is not currently in the available state.`,
      );
    this.state.snapshots.delete(snapshot.id);
    this.world.happened('snapshot.deleted', { id: snapshot.id });
    await Promise.allSettled(snapshot.readers);
    await (await this.postgres()).discard(folder);
  }

  modify(
    instance: DatabaseInstance,
    stated: Stated,
    password: string | undefined,
    applyImmediately: boolean,
  ): Accepted<DatabaseInstance> {
    if (instance.status !== 'available')
      throw new AwsError('InvalidDBInstanceState', 'Database instance is not in available state.');
    const plan = planModification(instance, stated, password, applyImmediately);
    instance.settings = withStated(instance.settings, plan.now);
    instance.pending = plan.pending;
    if (plan.now.DBParameterGroupName !== undefined) instance.awaitsReboot = true;
    if (plan.changed.length > 0)
      this.world.happened('database.modified', { id: instance.id, settings: plan.changed });
    if (!plan.takesTime) return { subject: instance, settled: Promise.resolve() };
    instance.status = password === undefined ? 'modifying' : 'resetting-master-credentials';
    const settled = this.transition(instance, 'modification', () =>
      this.apply(instance, plan.due, password, plan.restart),
    );
    return { subject: instance, settled };
  }

  reboot(instance: DatabaseInstance): Accepted<DatabaseInstance> {
    this.mustBeAvailable(instance);
    instance.status = 'rebooting';
    const settled = this.transition(instance, 'reboot', () => this.apply(instance, {}, undefined, true));
    return { subject: instance, settled };
  }

  /** Its endpoint stops answering at once. */
  remove(instance: DatabaseInstance, finalSnapshotId: string | undefined): Accepted<DatabaseInstance> {
    const { cluster } = instance;
    if (instance.status === 'deleting')
      throw new AwsError('InvalidDBInstanceState', `Instance ${instance.id} is already being deleted.`);
    if (instance.status !== 'failed' || finalSnapshotId !== undefined) this.mustBeAvailable(instance);
    const final = finalSnapshotId && this.addSnapshot(instance, finalSnapshotId, instance.tags);
    instance.status = 'deleting';
    instance.cluster = undefined;
    this.world.happened('database.deleting', { id: instance.id, finalSnapshot: finalSnapshotId });
    const settled = this.transition(instance, 'deletion', async () => {
      const postgres = await this.postgres();
      const folder = cluster && (await postgres.retire(cluster));
      if (final) {
        final.folder = folder;
        await this.becomeAvailable(final);
      } else if (folder) await postgres.discard(folder);
      await this.world.clock.sleep(this.world.durations.databaseDeleteMs);
      this.state.instances.delete(instance.id);
      this.world.happened('database.deleted', { id: instance.id, finalSnapshot: finalSnapshotId });
    });
    return { subject: instance, settled };
  }

  async stop(): Promise<void> {
    await (await this.opening?.catch(() => undefined))?.stop();
  }

  private postgres(): Promise<Servers> {
    this.opening ??= this.open();
    return this.opening;
  }

  private mustBeAvailable(instance: DatabaseInstance): void {
    if (instance.status !== 'available')
      throw new AwsError('InvalidDBInstanceState', `Instance ${instance.id} is not in available state.`);
  }

  private add(request: Omit<NewInstance, 'masterPassword'>): DatabaseInstance {
    const id = request.id.toLowerCase();
    const createdAtMs = this.world.clock.nowMs();
    const instance: DatabaseInstance = {
      ...{ id, arn: this.state.arnOf('db', id), resourceId: this.state.resourceIdOf(id, createdAtMs) },
      ...{
        status: 'creating',
        createdAtMs,
        pending: {},
        awaitsReboot: false,
        copying: undefined,
        cluster: undefined,
      },
      ...{ masterUsername: request.masterUsername, databaseName: request.databaseName },
      ...{ settings: request.settings, tags: request.tags },
    };
    this.state.instances.set(id, instance);
    return instance;
  }

  private addSnapshot(source: DatabaseInstance, name: string, tags: Tag[]): DatabaseSnapshot {
    const id = name.toLowerCase();
    const createdAtMs = this.world.clock.nowMs();
    const availableAtMs = createdAtMs + this.world.durations.snapshotMs;
    const snapshot: DatabaseSnapshot = {
      ...{ id, arn: this.state.arnOf('snapshot', id), status: 'creating', createdAtMs, availableAtMs },
      ...{ settings: { ...source.settings }, folder: undefined, readers: new Set() },
      source: pickSource(source),
      tags: source.settings.CopyTagsToSnapshot ? mergeTags(source.tags, tags) : tags,
    };
    this.state.snapshots.set(id, snapshot);
    this.world.happened('snapshot.started', { id, source: source.id });
    return snapshot;
  }

  private async startEmpty(instance: DatabaseInstance, request: NewInstance): Promise<void> {
    const cluster = await (await this.postgres()).create();
    const superuser = await cluster.connect();
    try {
      await makeRoles(superuser, request.masterUsername, request.masterPassword, request.databaseName);
    } finally {
      await superuser.end();
    }
    instance.cluster = cluster;
  }

  /**
   * With backups on, the first one is taken while the instance already accepts connections; only then is it available.
   */
  private async firstBackup(instance: DatabaseInstance): Promise<void> {
    if (instance.settings.BackupRetentionPeriod > 0) {
      instance.status = 'backing-up';
      await this.world.clock.sleep(this.world.durations.baselineBackupMs);
    }
    instance.status = 'available';
    this.world.happened('database.available', { id: instance.id });
  }

  private async becomeAvailable(snapshot: DatabaseSnapshot): Promise<void> {
    await this.world.clock.sleep(this.world.durations.snapshotMs);
    snapshot.status = 'available';
    this.world.happened('snapshot.available', { id: snapshot.id });
  }

  private async apply(
    instance: DatabaseInstance,
    due: Stated,
    password: string | undefined,
    restart: boolean,
  ) {
    const { cluster } = instance;
    if (!cluster) throw new Error(`${instance.id} has no server.`);
    if (password !== undefined) await this.changePassword(instance, cluster, password);
    if (restart) await cluster.stop('fast');
    await this.world.clock.sleep(this.world.durations.resourceMs);
    if (restart) {
      await cluster.start();
      instance.awaitsReboot = false;
    }
    instance.settings = withStated(instance.settings, due);
    instance.pending = without(
      instance.pending,
      (name) => name in due || (name === 'MasterUserPassword' && password !== undefined),
    );
    instance.status = 'available';
  }

  private async changePassword(instance: DatabaseInstance, cluster: Server, password: string): Promise<void> {
    const superuser = await cluster.connect();
    try {
      await setPassword(superuser, instance.masterUsername, password);
    } finally {
      await superuser.end();
    }
    this.world.happened('database.passwordChanged', { id: instance.id });
  }

  private transition(instance: DatabaseInstance, name: string, work: () => Promise<void>): Promise<void> {
    return this.world.clock.run(`${name} of ${instance.id}`, work).catch((error) => {
      instance.status = 'failed';
      this.world.happened('database.failed', { id: instance.id, during: name, reason: String(error) });
    });
  }
}

function pickSource(instance: DatabaseInstance): DatabaseSnapshot['source'] {
  const { id, resourceId, createdAtMs, masterUsername, databaseName } = instance;
  return { id, resourceId, createdAtMs, masterUsername, databaseName };
}

export function mergeTags(old: Tag[], added: Tag[]): Tag[] {
  const byKey = new Map([...old, ...added].map((tag) => [tag.Key, tag]));
  return [...byKey.values()];
}
