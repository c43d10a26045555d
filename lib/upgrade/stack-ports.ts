import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import type { Words } from '../posture';
import type { UpgradeRecord } from '../record';
import type { Settings } from '../settings';

/** What the upgrade needs of CloudFormation. */

/** What a template follows from. */
export interface Declared {
  settings: Settings;
  record: UpgradeRecord;
  words: Words;
}

export interface Stack {
  name: string;
  status: string;
  statusReason: string | undefined;
}

/** A stack as a list of all of them tells it. */
export interface ListedStack {
  name: string;
  status: string;
  /** When it was changed last, or its change began. */
  changedAt: Date;
}

/** What happened to one resource of a stack, or to the stack itself. */
export interface StackEvent {
  /** The logical id; the stack's own name where it is the stack. */
  resource: string;
  /** AWS's word, such as "UPDATE_IN_PROGRESS". */
  status: string;
  at: Date;
}

export interface Stacks {
  find(name: string): Promise<Stack | undefined>;
  /** Every stack of the account. */
  all(): Promise<ListedStack[]>;
  /** Creates a stack with its policy and its termination protection in one call. */
  create(name: string, template: string, policy: string, tags: Record<string, string>): Promise<void>;
  setPolicy(name: string, policy: string): Promise<void>;
  policy(name: string): Promise<string | undefined>;
  /** Why resources are in a failed state now; none when none is. */
  failures(name: string): Promise<string[]>;
  /** What happened last, the newest first: as much as one answer holds. */
  events(name: string): Promise<StackEvent[]>;
  /** The template that was deployed last; undefined when there is no such stack. */
  template(name: string): Promise<unknown>;
}

/** What one resource of a stack goes through when a change set is executed. */
export interface PlannedChange {
  /** The logical id. */
  resource: string;
  type: string;
  /** AWS's word: "Add", "Modify", "Remove", ... */
  action: string;
  /** AWS's word: "True", "False" or "Conditional"; undefined for what is not modified. */
  replacement: string | undefined;
  /** The names of the properties that change. */
  properties: string[];
}

/** A change of one stack that can be made. */
export interface PreparedChange {
  stack: string;
  /** Of this very change: another may take its name. */
  id: string;
  changes: PlannedChange[];
}

/** A deploy in two acts, so that what it would do can be refused before it does it. */
export interface Deployments {
  /**
   * Makes a change set of one stack of an assembly; undefined, and none is left, when nothing would change.
   * @param declared what the templates follow from, if from nothing else: what it makes once need not be made again
   */
  prepare(
    stack: string,
    assemble: (outdir: string) => CloudAssembly,
    declared?: Declared,
  ): Promise<PreparedChange | undefined>;
  /** Starts this change and no other; a failure is not rolled back. Whoever asked waits for the stack. */
  execute(prepared: PreparedChange): Promise<void>;
  /** Begins to destroy one stack of an assembly, and none that depends on it. Whoever asked waits until it is gone. */
  destroy(stack: string, assemble: (outdir: string) => CloudAssembly): Promise<void>;
  /** Takes away a change that must not be made, so that nobody makes it by mistake. */
  discard(prepared: PreparedChange): Promise<void>;
}

/** A resource that is there, as an import names it. */
export interface ImportedResource {
  /** The logical id that it gets. */
  resource: string;
  type: string;
  /** Its primary identifier, such as the name of an environment. */
  identifier: Record<string, string>;
}

/** Change sets of templates as they are given, for what no deploy does. */
export interface ChangeSets {
  /**
   * Makes one for a stack that is there or is to be made by it; with resources to import, one that adopts them.
   * Undefined, and none is left, when nothing would change.
   */
  prepare(stack: string, template: object, imports?: ImportedResource[]): Promise<PreparedChange | undefined>;
  /** Starts it. A change that fails stays as it is; an import that fails is taken back, which lets go what it adopted. */
  execute(prepared: PreparedChange): Promise<void>;
  discard(prepared: PreparedChange): Promise<void>;
  /** Takes a stack away with what it made and does not retain. */
  removeStack(name: string): Promise<void>;
  /** Whether a stack cannot be deleted by mistake. */
  protect(name: string): Promise<void>;
}
