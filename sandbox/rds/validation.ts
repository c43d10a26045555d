import { AwsError, notModelled } from '../errors';
import type { NewInstance } from './lifecycle';
import {
  checkFinalSnapshot,
  checkMasterUsername,
  checkModification,
  checkNewInstance,
  checkNewSnapshot,
  checkPassword,
  checkSettings,
  type Groups,
} from './rules';
import { defaultSettings, restoredSettings, type Stated, withStated } from './settings';
import type { DatabaseInstance, DatabaseSnapshot, RdsState, Tag } from './state';

export interface CreationRequest extends Stated {
  DBInstanceIdentifier: string;
  Engine?: string | undefined;
  MasterUsername?: string | undefined;
  MasterUserPassword?: string | undefined;
  DBName?: string | undefined;
  Tags?: Tag[] | undefined;
}

/** Whether what is asked for is valid, request by request; what the status forbids is the lifecycle's. */
export class Validation {
  constructor(
    private readonly state: RdsState,
    private readonly groups: Groups,
  ) {}

  creation(request: CreationRequest): NewInstance {
    const {
      DBInstanceIdentifier: id,
      Engine,
      MasterUsername,
      MasterUserPassword,
      DBName,
      Tags,
      ...stated
    } = request;
    if (Engine !== 'postgres') throw notModelled(`Engine ${Engine}, only postgres`);
    checkNewInstance(this.state, id);
    if (stated.DBInstanceClass === undefined) throw missing('DBInstanceClass');
    if (stated.AllocatedStorage === undefined) throw missing('AllocatedStorage');
    if (!MasterUsername) throw missing('MasterUsername');
    if (!MasterUserPassword) throw missing('MasterUserPassword');
    checkMasterUsername(MasterUsername);
    checkPassword(MasterUserPassword);
    const settings = withStated(defaultSettings(this.state.region), stated);
    if (settings.KmsKeyId !== undefined && !settings.StorageEncrypted)
      throw new AwsError(
        'InvalidParameterCombination',
        'KmsKeyId can be specified only when StorageEncrypted is true.',
      );
    checkSettings(stated, settings, this.groups);
    return {
      ...{ id, settings, tags: Tags ?? [], databaseName: DBName },
      ...{ masterUsername: MasterUsername, masterPassword: MasterUserPassword },
    };
  }

  restore(snapshot: DatabaseSnapshot, id: string, stated: Stated): void {
    checkNewInstance(this.state, id);
    const settings = withStated(restoredSettings(snapshot.settings, this.state.region), stated);
    checkSettings(stated, settings, this.groups);
    if (settings.AllocatedStorage < snapshot.settings.AllocatedStorage)
      throw new AwsError(
        'InvalidParameterValue',
        `The allocated storage cannot be less than the snapshot's, ${snapshot.settings.AllocatedStorage}.`,
      );
  }

  modification(instance: DatabaseInstance, stated: Stated, password: string | undefined): void {
    checkSettings(stated, withStated(instance.settings, stated), this.groups);
    checkModification(stated, instance.settings);
    if (password !== undefined) checkPassword(password);
  }

  deletion(instance: DatabaseInstance, skip: boolean, finalSnapshotId: string | undefined): void {
    checkFinalSnapshot(this.state, instance, skip, finalSnapshotId);
  }

  newSnapshot(id: string): void {
    checkNewSnapshot(this.state, id);
  }
}

function missing(parameter: string): AwsError {
  return new AwsError(
    'InvalidParameterValue',
    `The parameter ${parameter} must be provided and must not be blank.`,
  );
}
