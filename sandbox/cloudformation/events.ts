import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { Stack, StackResource } from './stack';

/** Writes the histories of stacks. No two moments are alike: clients put events in order by their time alone. */
export class Events {
  private lastMs = 0;

  constructor(private readonly clock: Clock) {}

  moment(): number {
    this.lastMs = Math.max(this.lastMs + 1, this.clock.nowMs());
    return this.lastMs;
  }

  /** Begins an operation: what follows in the stack's history belongs together. */
  operation(stack: Stack, status: string, reason: string, token?: string): void {
    stack.operationId = randomUUID();
    stack.token = token;
    this.stack(stack, status, reason);
  }

  stack(stack: Stack, status: string, reason?: string): void {
    stack.status = status;
    stack.statusReason = reason;
    this.add(stack, stack.name, stack.id, 'AWS::CloudFormation::Stack', reason, randomUUID());
  }

  resource(stack: Stack, resource: StackResource, status: string, reason?: string): void {
    resource.status = status;
    resource.statusReason = reason;
    resource.changedMs = this.clock.nowMs();
    this.physical(stack, resource, resource.physicalId, status, reason);
  }

  /** An event of a physical resource that is not, or no longer, the one on record. */
  physical(
    stack: Stack,
    resource: StackResource,
    physicalId: string | undefined,
    status: string,
    reason?: string,
  ): void {
    stack.events.push({
      eventId: `${resource.logicalId}-${status}-${randomUUID()}`,
      operationId: stack.operationId,
      logicalId: resource.logicalId,
      physicalId,
      type: resource.type.typeName,
      atMs: this.moment(),
      status,
      reason,
      token: stack.token,
      properties: JSON.stringify(resource.declared),
    });
  }

  private add(
    stack: Stack,
    logicalId: string,
    physicalId: string,
    type: string,
    reason: string | undefined,
    eventId: string,
  ): void {
    stack.events.push({
      eventId,
      operationId: stack.operationId,
      logicalId,
      physicalId,
      type,
      atMs: this.moment(),
      status: stack.status,
      reason,
      token: stack.token,
      properties: undefined,
    });
  }
}
