import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ResourceState, ResourceType } from '../cloudformation/resource-type';
import { AwsError } from '../errors';
import type { World } from '../world';
import { type Lifecycle, mergeTags } from './lifecycle';
import { changesOf, type Stated, settingsShape } from './settings';
import type { DatabaseInstance, Tag } from './state';
import type { Validation } from './validation';
import { restoreSettings } from './wire';

const text = z.string();
const integer = z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);
const texts = z.array(text);

const properties = settingsShape({ text, integer, flag, texts })
  .omit({ VpcSecurityGroupIds: true })
  .extend({
    DBInstanceIdentifier: text.optional(),
    DBSnapshotIdentifier: text.optional(),
    Engine: z.literal('postgres').optional(),
    MasterUsername: text.optional(),
    MasterUserPassword: text.optional(),
    DBName: text.optional(),
    VPCSecurityGroups: texts.optional(),
    Tags: z.array(z.strictObject({ Key: text, Value: text })).optional(),
    DeleteAutomatedBackups: flag.optional(),
    AllowMajorVersionUpgrade: z.literal([false, 'false']).optional(),
    ApplyImmediately: z.literal([true, 'true']).optional(),
  });

type Properties = z.output<typeof properties>;

/**
 * A DB instance as CloudFormation drives it. A snapshot's identifier means: restore; another one on an update means
 * another instance, and the old one deleted.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
 */
export function dbInstanceType(
  world: World,
  lifecycle: Lifecycle,
  validation: Validation,
): ResourceType<Properties> {
  const { state } = lifecycle;

  function stateOf(instance: DatabaseInstance): ResourceState {
    return {
      physicalId: instance.id,
      attributes: {
        'Endpoint.Address': state.endpointOf(instance),
        'Endpoint.Port': String(instance.settings.Port),
        DBInstanceArn: instance.arn,
        DbiResourceId: instance.resourceId,
      },
    };
  }

  async function settle({ subject, settled }: { subject: DatabaseInstance; settled: Promise<void> }) {
    await settled;
    if (subject.status === 'failed') throw new Error(`DB instance ${subject.id} failed.`);
  }

  async function modify(instance: DatabaseInstance, stated: Stated, password: string | undefined) {
    if (Object.keys(changesOf(instance.settings, stated)).length === 0 && password === undefined) return;
    validation.modification(instance, withoutSame(instance, stated), password);
    await settle(lifecycle.modify(instance, stated, password, true));
  }

  function restore(id: string, next: Properties, stated: Stated, tags: Tag[]) {
    for (const name of ['MasterUsername', 'DBName', 'StorageEncrypted', 'KmsKeyId'] as const)
      if (next[name] !== undefined)
        throw new AwsError(
          'InvalidParameterCombination',
          `${name} comes from the snapshot and must not be specified together with DBSnapshotIdentifier.`,
        );
    const snapshot = state.snapshot(next.DBSnapshotIdentifier as string);
    const atRestore = Object.fromEntries(
      Object.entries(stated).filter(([name]) => name in restoreSettings.shape),
    ) as Stated;
    validation.restore(snapshot, id, atRestore);
    return lifecycle.restore(snapshot, id, atRestore, tags);
  }

  return {
    typeName: 'AWS::RDS::DBInstance',
    properties,

    async create({ stackName, logicalId, properties: next }) {
      const id = next.DBInstanceIdentifier ?? generatedName(stackName, logicalId, 63);
      if (state.instances.has(id.toLowerCase())) throw new AwsError('AlreadyExists', `${id} already exists`);
      const stated = statedIn(next);
      const tags = [...(next.Tags ?? []), ...ownTags(stackName, logicalId)];
      if (next.DBSnapshotIdentifier) {
        const accepted = restore(id, next, stated, tags);
        await settle(accepted);
        await modify(accepted.subject, stated, next.MasterUserPassword);
        return stateOf(accepted.subject);
      }
      const { Engine, MasterUsername, MasterUserPassword, DBName } = next;
      const request = {
        ...stated,
        DBInstanceIdentifier: id,
        Engine,
        MasterUsername,
        MasterUserPassword,
        DBName,
      };
      const accepted = lifecycle.create(validation.creation({ ...request, Tags: tags }));
      await settle(accepted);
      return stateOf(accepted.subject);
    },

    async update({ stackName, logicalId, physicalId, properties: next, previous }) {
      const instance = state.instance(physicalId);
      const password =
        next.MasterUserPassword === previous.MasterUserPassword ? undefined : next.MasterUserPassword;
      await modify(instance, statedIn(next), password);
      const dropped = new Set((previous.Tags ?? []).map(({ Key }) => Key));
      const kept = instance.tags.filter(({ Key }) => !dropped.has(Key));
      instance.tags = mergeTags(kept, [...(next.Tags ?? []), ...ownTags(stackName, logicalId)]);
      return stateOf(instance);
    },

    /** The live instance gets whatever the template says otherwise. */
    async adopt({ stackName, logicalId, physicalId, properties: next }) {
      const instance = state.instance(physicalId);
      await modify(instance, statedIn(next), next.MasterUserPassword);
      instance.tags = mergeTags(instance.tags, ownTags(stackName, logicalId));
      return stateOf(instance);
    },

    async delete({ stackName, logicalId, physicalId, snapshot }) {
      const instance = state.instances.get(physicalId);
      if (!instance) return;
      const final = snapshot ? generatedName(stackName, `snapshot-${logicalId}`, 255) : undefined;
      validation.deletion(instance, final === undefined, final);
      await settle(lifecycle.remove(instance, final));
    },

    find(physicalId) {
      const instance = state.instances.get(physicalId.toLowerCase());
      return instance && stateOf(instance);
    },

    nameOf: (next) => next.DBInstanceIdentifier?.toLowerCase(),

    replaces(previous, next) {
      const snapshotDropped = !next.DBSnapshotIdentifier && previous.DBSnapshotIdentifier !== undefined;
      const anotherSnapshot = next.DBSnapshotIdentifier !== previous.DBSnapshotIdentifier;
      const zoneFreed = next.AvailabilityZone === undefined && next.MultiAZ === true;
      const insightsKey = previous.PerformanceInsightsKMSKeyId;
      return (
        (snapshotDropped ? world.switches.droppedSnapshotReplaces : anotherSnapshot) ||
        next.Engine !== previous.Engine ||
        (next.AvailabilityZone !== previous.AvailabilityZone && !zoneFreed) ||
        (insightsKey !== undefined && next.PerformanceInsightsKMSKeyId !== insightsKey)
      );
    },
  };
}

/** What the template states of the instance, under the API's names. */
function statedIn(next: Properties): Stated {
  const { DBInstanceIdentifier, DBSnapshotIdentifier, Engine, MasterUsername, MasterUserPassword, ...rest } =
    next;
  const { DBName, VPCSecurityGroups, Tags, DeleteAutomatedBackups, ...others } = rest;
  const { AllowMajorVersionUpgrade, ApplyImmediately, ...settings } = others;
  return VPCSecurityGroups === undefined ? settings : { ...settings, VpcSecurityGroupIds: VPCSecurityGroups };
}

/** Stating what is so already is no change, also where the change itself would be refused. */
function withoutSame(instance: DatabaseInstance, stated: Stated): Stated {
  const changed = changesOf(instance.settings, stated);
  return Object.fromEntries(Object.entries(stated).filter(([name]) => name in changed));
}

function ownTags(stackName: string, logicalId: string): Tag[] {
  return [
    { Key: 'aws:cloudformation:stack-name', Value: stackName },
    { Key: 'aws:cloudformation:logical-id', Value: logicalId },
  ];
}

function generatedName(stackName: string, logicalId: string, longest: number): string {
  const ending = `-${randomBytes(6).toString('hex')}`;
  return `${stackName}-${logicalId}`.slice(0, longest - ending.length).toLowerCase() + ending;
}
