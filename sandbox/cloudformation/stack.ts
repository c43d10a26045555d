import type { ChangeSet } from './change-set';
import type { Desired, Output } from './desired';
import type { AnyResourceType } from './resource-type';
import type { StackPolicy } from './stack-policy';
import type { DeletionPolicy } from './template';

/** A resource as its stack last made it. What happened to it by other hands is not known here. */
export interface StackResource {
  logicalId: string;
  type: AnyResourceType;
  physicalId: string | undefined;
  status: string;
  statusReason: string | undefined;
  changedMs: number;
  /** The properties of the last template that was applied, functions evaluated, dynamic references as written. */
  declared: Record<string, unknown>;
  /** The same as the type got them. */
  applied: Record<string, unknown>;
  attributes: Record<string, string>;
  deletionPolicy: DeletionPolicy;
  updateReplacePolicy: DeletionPolicy;
  metadata: unknown;
  waitsFor: Set<string>;
}

export interface StackEvent {
  eventId: string;
  operationId: string;
  logicalId: string;
  physicalId: string | undefined;
  type: string;
  atMs: number;
  status: string;
  reason: string | undefined;
  token: string | undefined;
  properties: string | undefined;
}

/** What an unfinished change has touched, so that it can be taken back. */
export interface Undo {
  desired: Desired | undefined;
  outputs: Output[];
  /** The resources before the change. */
  before: Map<string, StackResource>;
  /** By logical id the properties that an update applied, or tried to. */
  touched: Map<string, Record<string, unknown>>;
  /** Old records of resources that were replaced: deleted when the change succeeds. */
  replaced: StackResource[];
  /** What failed creations of replacements left behind. */
  halfMade: StackResource[];
  /** Logical ids that were adopted: let go, not deleted, when the change is taken back. */
  imported: Set<string>;
}

export interface Stack {
  name: string;
  id: string;
  status: string;
  statusReason: string | undefined;
  createdMs: number;
  updatedMs: number | undefined;
  deletedMs: number | undefined;
  /** Undefined until the first deployment. */
  desired: Desired | undefined;
  resources: Map<string, StackResource>;
  outputs: Output[];
  tags: { Key: string; Value: string }[];
  capabilities: string[];
  roleArn: string | undefined;
  /** The access key id of whoever began what is done to it now: it is done with their rights. */
  caller: string | undefined;
  disableRollback: boolean;
  terminationProtection: boolean;
  policy: StackPolicy | undefined;
  changeSets: Map<string, ChangeSet>;
  changeSetId: string | undefined;
  /** Oldest first. */
  events: StackEvent[];
  operationId: string;
  token: string | undefined;
  undo: Undo | undefined;
  drift: { status: 'NOT_CHECKED' | 'IN_SYNC' | 'DRIFTED'; checkedMs: number | undefined };
}

export const isSettled = (stack: Stack) =>
  !stack.status.endsWith('_IN_PROGRESS') || stack.status === 'REVIEW_IN_PROGRESS';

/** Whether there is a resource to be updated, rather than one that its creation left behind. */
export const isMade = (resource: StackResource) =>
  resource.physicalId !== undefined && resource.status !== 'CREATE_FAILED';

/** The statuses in which a stack takes an update; the failed two are those that were left by a disabled rollback. */
const updatable = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
  'CREATE_FAILED',
  'UPDATE_FAILED',
];
export const isUpdatable = (stack: Stack) => updatable.includes(stack.status);
