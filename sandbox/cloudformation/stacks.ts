import { randomUUID } from 'node:crypto';
import { AwsError } from '../errors';
import type { World } from '../world';
import type { Stack } from './stack';

/** All stacks, those deleted included: they are still found by their ARN. */
export class Stacks {
  private readonly known: Stack[] = [];

  constructor(private readonly world: Pick<World, 'account' | 'region' | 'clock'>) {}

  /** A stack that holds nothing yet. */
  add(name: string, tags: { Key: string; Value: string }[]): Stack {
    if (!/^[A-Za-z][-A-Za-z0-9]{0,127}$/.test(name))
      throw new AwsError(
        'ValidationError',
        `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
      );
    const stack: Stack = {
      name,
      id: this.arn('stack', name),
      status: 'REVIEW_IN_PROGRESS',
      statusReason: undefined,
      createdMs: this.world.clock.nowMs(),
      updatedMs: undefined,
      deletedMs: undefined,
      desired: undefined,
      resources: new Map(),
      outputs: [],
      tags,
      capabilities: [],
      roleArn: undefined,
      caller: undefined,
      disableRollback: false,
      terminationProtection: false,
      policy: undefined,
      changeSets: new Map(),
      changeSetId: undefined,
      events: [],
      operationId: randomUUID(),
      token: undefined,
      undo: undefined,
      drift: { status: 'NOT_CHECKED', checkedMs: undefined },
    };
    this.known.push(stack);
    return stack;
  }

  /** A stack that never came to be: its request was refused. */
  forget(stack: Stack): void {
    this.known.splice(this.known.indexOf(stack), 1);
  }

  arn(kind: 'stack' | 'changeSet', name: string): string {
    const { account, region } = this.world;
    return `arn:aws:cloudformation:${region}:${account}:${kind}/${name}/${randomUUID()}`;
  }

  all(): Stack[] {
    return [...this.known].reverse();
  }

  live(): Stack[] {
    return this.all().filter(({ status }) => status !== 'DELETE_COMPLETE');
  }

  /** By name the one that lives; by ARN any. */
  find(nameOrId: string): Stack | undefined {
    return nameOrId.startsWith('arn:')
      ? this.known.find(({ id }) => id === nameOrId)
      : this.live().find(({ name }) => name === nameOrId);
  }

  get(nameOrId: string, missing = `Stack with id ${nameOrId} does not exist`): Stack {
    const stack = this.find(nameOrId);
    if (!stack) throw new AwsError('ValidationError', missing);
    return stack;
  }

  /** The stack that a physical resource belongs to. */
  ownerOf(typeName: string, physicalId: string): Stack | undefined {
    return this.live().find((stack) =>
      [...stack.resources.values()].some(
        (resource) => resource.type.typeName === typeName && resource.physicalId === physicalId,
      ),
    );
  }
}
