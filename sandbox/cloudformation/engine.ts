import { Deployment } from './deployment';
import type { Desired } from './desired';
import { inOrder } from './references';
import { type Doomed, remove, whenInUse, whenJustMade } from './removal';
import { alter, reasonOf, type Site } from './resource-work';
import { canonical } from './specification';
import { isMade, type Stack, type StackResource, type Undo } from './stack';

export interface DeployOptions {
  desired: Desired;
  /** Physical ids of what is to be adopted, by logical id. */
  imports: Map<string, string>;
  onFailure: 'ROLLBACK' | 'DO_NOTHING' | 'DELETE';
  token: string | undefined;
}

/** The life of whole stacks: forward, back, and away. Each verb begins at once and goes on in the background. */
export class Engine {
  constructor(private readonly site: Site) {}

  create(stack: Stack, options: DeployOptions): void {
    this.site.events.operation(stack, 'CREATE_IN_PROGRESS', 'User Initiated', options.token);
    this.inBackground(stack, 'CREATE_FAILED', async () => {
      const deployment = await this.deploy(stack, options);
      if (deployment.succeeded) return this.finish(stack, 'CREATE_COMPLETE');
      if (options.onFailure === 'DO_NOTHING')
        return this.site.events.stack(stack, 'CREATE_FAILED', deployment.reason());
      if (options.onFailure === 'DELETE') return this.takeAway(stack, deployment.reason(), new Set());
      await this.rollBackCreation(stack, `${deployment.reason()}Rollback requested by user.`, false);
    });
  }

  update(stack: Stack, options: DeployOptions): void {
    this.site.events.operation(stack, 'UPDATE_IN_PROGRESS', 'User Initiated', options.token);
    stack.updatedMs = this.site.world.clock.nowMs();
    this.inBackground(stack, 'UPDATE_FAILED', async () => {
      const deployment = await this.deploy(stack, options);
      if (deployment.succeeded) return this.cleanUp(stack);
      if (options.onFailure === 'DO_NOTHING')
        return this.site.events.stack(stack, 'UPDATE_FAILED', deployment.reason());
      await this.rollBack(stack, deployment.reason(), new Set(), false);
    });
  }

  import(stack: Stack, options: DeployOptions): void {
    this.site.events.operation(stack, 'IMPORT_IN_PROGRESS', 'User Initiated', options.token);
    this.inBackground(stack, 'IMPORT_ROLLBACK_FAILED', async () => {
      const deployment = await this.deploy(stack, options);
      if (deployment.succeeded) return this.finish(stack, 'IMPORT_COMPLETE');
      this.site.events.operation(stack, 'IMPORT_ROLLBACK_IN_PROGRESS', deployment.reason(), stack.token);
      for (const id of options.imports.keys()) stack.resources.delete(id);
      this.restoreTemplate(stack);
      this.finish(stack, 'IMPORT_ROLLBACK_COMPLETE');
    });
  }

  delete(stack: Stack, retain: Set<string>, token: string | undefined): void {
    stack.token = token;
    this.site.events.operation(stack, 'DELETE_IN_PROGRESS', 'User Initiated', token);
    this.inBackground(stack, 'DELETE_FAILED', () => this.takeAway(stack, undefined, retain));
  }

  /** Takes back what a change that failed left standing, or goes on with taking it back. */
  rollback(
    stack: Stack,
    options: { skip: Set<string>; retainExceptOnCreate: boolean; token: string | undefined },
  ): void {
    const creation = stack.undo?.desired === undefined;
    stack.token = options.token;
    const status = creation ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
    this.site.events.operation(stack, status, 'User Initiated', options.token);
    this.inBackground(stack, creation ? 'ROLLBACK_FAILED' : 'UPDATE_ROLLBACK_FAILED', () =>
      creation
        ? this.deleteEverythingMade(stack, options.retainExceptOnCreate)
        : this.restore(stack, options.skip, options.retainExceptOnCreate),
    );
  }

  private inBackground(stack: Stack, ifItBreaks: string, work: () => Promise<void>): void {
    this.site.world.clock.run(`stack ${stack.name}`, work).catch((fault) => {
      this.site.events.stack(stack, ifItBreaks, `The sandbox failed: ${reasonOf(fault)}`);
    });
  }

  private async deploy(stack: Stack, { desired, imports, onFailure }: DeployOptions): Promise<Deployment> {
    // A change on top of one that was left unfinished is taken back together with it.
    stack.undo ??= beginUndo(stack);
    stack.desired = desired;
    const disableRollback = onFailure === 'DO_NOTHING';
    const deployment = new Deployment(this.site, stack, desired, stack.undo, { disableRollback, imports });
    await deployment.run();
    return deployment;
  }

  private finish(stack: Stack, status: string): void {
    stack.undo = undefined;
    this.site.events.stack(stack, status);
  }

  /** Deletes what the update left over: a failure of this does not fail the update. */
  private async cleanUp(stack: Stack): Promise<void> {
    this.site.events.stack(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    const gone = [...stack.resources.values()].filter(
      ({ logicalId }) => !stack.desired?.resources.has(logicalId),
    );
    for (const { logicalId } of gone) stack.resources.delete(logicalId);
    const failed = await remove(this.site, stack, [
      ...(stack.undo?.replaced ?? []).map((old) => ({ resource: old, policy: old.updateReplacePolicy })),
      ...gone.map((resource) => ({ resource, policy: whenInUse(resource.deletionPolicy) })),
    ]);
    stack.undo = undefined;
    const reason = 'Update successful. One or more resources could not be deleted.';
    this.site.events.stack(stack, 'UPDATE_COMPLETE', failed.length > 0 ? reason : undefined);
  }

  private async rollBack(
    stack: Stack,
    reason: string,
    skip: Set<string>,
    retainExceptOnCreate: boolean,
  ): Promise<void> {
    if (stack.undo?.desired === undefined)
      return this.rollBackCreation(stack, `${reason}Rollback requested by user.`, retainExceptOnCreate);
    this.site.events.operation(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason, stack.token);
    await this.restore(stack, skip, retainExceptOnCreate);
  }

  private async rollBackCreation(stack: Stack, reason: string, retainExceptOnCreate: boolean): Promise<void> {
    this.site.events.operation(stack, 'ROLLBACK_IN_PROGRESS', reason, stack.token);
    await this.deleteEverythingMade(stack, retainExceptOnCreate);
  }

  private async deleteEverythingMade(stack: Stack, retainExceptOnCreate: boolean): Promise<void> {
    const failed = await remove(this.site, stack, this.justMade(stack, retainExceptOnCreate));
    stack.outputs = [];
    if (failed.length === 0) return this.finish(stack, 'ROLLBACK_COMPLETE');
    this.site.events.stack(stack, 'ROLLBACK_FAILED', failedTo('delete', failed));
  }

  /** What the change made, and how it is deleted again. What was adopted is let go. */
  private justMade(stack: Stack, retainExceptOnCreate: boolean): Doomed[] {
    const { before, imported } = stack.undo ?? { before: new Map(), imported: new Set() };
    return [...stack.resources.values()]
      .filter(({ logicalId }) => !before.has(logicalId))
      .map((resource) => ({
        resource,
        policy: imported.has(resource.logicalId) ? 'Retain' : whenJustMade(resource, retainExceptOnCreate),
      }));
  }

  /** Applies the previous template's properties to what was touched, then deletes what the change had made. */
  private async restore(stack: Stack, skip: Set<string>, retainExceptOnCreate: boolean): Promise<void> {
    const undo = stack.undo!;
    const doomed = this.justMade(stack, retainExceptOnCreate);
    const failed: string[] = [];
    const waits = new Map([...undo.before].map(([id, { waitsFor }]) => [id, waitsFor]));
    await inOrder(waits, async (id) => {
      if (!undo.touched.has(id)) return true;
      const replacement = await this.restoreOne(stack, undo.before.get(id)!, skip.has(id), undo);
      if (replacement === 'failed') failed.push(id);
      else if (replacement) doomed.push({ resource: replacement, policy: 'Delete' });
      return replacement !== 'failed';
    });
    if (failed.length > 0)
      return this.site.events.stack(stack, 'UPDATE_ROLLBACK_FAILED', failedTo('update', failed));
    this.site.events.stack(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    const halfMade = undo.halfMade.map((resource): Doomed => ({ resource, policy: 'Delete' }));
    for (const { resource } of doomed)
      if (!undo.before.has(resource.logicalId)) stack.resources.delete(resource.logicalId);
    await remove(this.site, stack, [...doomed, ...halfMade]);
    this.restoreTemplate(stack);
    this.finish(stack, 'UPDATE_ROLLBACK_COMPLETE');
  }

  /** Answers the replacement that is now to be deleted, if there was one. */
  private async restoreOne(
    stack: Stack,
    before: StackResource,
    skipped: boolean,
    undo: Undo,
  ): Promise<StackResource | 'failed' | undefined> {
    const { events } = this.site;
    const current = stack.resources.get(before.logicalId)!;
    const replacement = current.physicalId === before.physicalId ? undefined : { ...current };
    events.resource(stack, current, 'UPDATE_IN_PROGRESS');
    let { attributes } = before;
    const tried = undo.touched.get(before.logicalId)!;
    if (!replacement && !skipped && canonical(tried) !== canonical(before.applied))
      try {
        ({ attributes } = await alter(this.site, stack, current, tried, before.applied));
      } catch (error) {
        events.resource(stack, current, 'UPDATE_FAILED', reasonOf(error));
        return 'failed';
      }
    Object.assign(current, before, { attributes });
    events.resource(stack, current, 'UPDATE_COMPLETE');
    undo.touched.delete(before.logicalId);
    return replacement;
  }

  private restoreTemplate(stack: Stack): void {
    stack.desired = stack.undo?.desired;
    stack.outputs = stack.undo?.outputs ?? [];
  }

  private async takeAway(stack: Stack, reason: string | undefined, retain: Set<string>): Promise<void> {
    if (reason !== undefined)
      this.site.events.operation(
        stack,
        'DELETE_IN_PROGRESS',
        `${reason}Delete requested by user.`,
        stack.token,
      );
    const left = [...stack.resources.values()].filter(
      ({ status }) => status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED',
    );
    const failed = await remove(
      this.site,
      stack,
      left.map((resource) => ({
        resource,
        policy: retain.has(resource.logicalId) ? 'Retain' : whenInUse(resource.deletionPolicy),
      })),
    );
    if (failed.length > 0) return this.site.events.stack(stack, 'DELETE_FAILED', failedTo('delete', failed));
    stack.deletedMs = this.site.world.clock.nowMs();
    stack.undo = undefined;
    this.site.events.stack(stack, 'DELETE_COMPLETE');
  }
}

function beginUndo(stack: Stack): Undo {
  return {
    desired: stack.desired,
    outputs: stack.outputs,
    before: new Map(
      [...stack.resources].filter(([, record]) => isMade(record)).map(([id, record]) => [id, { ...record }]),
    ),
    touched: new Map(),
    replaced: [],
    halfMade: [],
    imported: new Set(),
  };
}

const failedTo = (verb: string, ids: string[]) =>
  `The following resource(s) failed to ${verb}: [${ids.join(', ')}]. `;
