import { AwsError, notModelled } from '../errors';
import type { Desired, DesiredResource, Lookup } from './desired';
import { resolveDynamicReferences } from './dynamic-references';
import { attributeOf } from './plan';
import { parseProperties } from './properties';
import { inOrder } from './references';
import type { ResourceState } from './resource-type';
import { alter, HalfMade, make, reasonOf, type Site, unmake } from './resource-work';
import { canonical, changedKeys, stronger, updateBehaviour } from './specification';
import { isMade, type Stack, type StackResource, type Undo } from './stack';
import { denial } from './stack-policy';

const verbs = ['CREATE', 'UPDATE', 'IMPORT', 'DELETE'] as const;
type Verb = (typeof verbs)[number];

interface Properties {
  declared: Record<string, unknown>;
  applied: Record<string, unknown>;
}

/** Brings the resources of a stack to what its template wants: the way forward, without its cleaning up. */
export class Deployment {
  private readonly failed: { verb: Verb; logicalId: string }[] = [];
  private readonly underWay = new Map<string, { verb: Verb; record: StackResource }>();
  private outputsFault = '';
  private cancelled = false;

  constructor(
    private readonly site: Site,
    private readonly stack: Stack,
    private readonly desired: Desired,
    private readonly undo: Undo,
    private readonly options: { disableRollback: boolean; imports: Map<string, string> },
  ) {}

  async run(): Promise<void> {
    this.askPolicyForRemovals();
    const waits = new Map([...this.desired.resources].map(([id, { waitsFor }]) => [id, waitsFor]));
    await this.site.world.clock.wait(inOrder(waits, (id) => this.bring(this.desired.resources.get(id)!)));
    if (this.failed.length === 0) this.evaluateOutputs();
  }

  get succeeded(): boolean {
    return this.failed.length === 0 && this.outputsFault === '';
  }

  /** Why the deployment failed, in CloudFormation's words. */
  reason(): string {
    const sentence = (verb: Verb) => {
      const ids = this.failed.filter((failure) => failure.verb === verb).map(({ logicalId }) => logicalId);
      if (ids.length === 0) return '';
      return `The following resource(s) failed to ${verb.toLowerCase()}: [${ids.join(', ')}]. `;
    };
    return verbs.map(sentence).join('') + this.outputsFault;
  }

  private askPolicyForRemovals(): void {
    for (const record of this.stack.resources.values()) {
      if (this.desired.resources.has(record.logicalId)) continue;
      const reason = denial(this.stack.policy, 'Update:Delete', record.logicalId);
      if (reason) this.fail('DELETE', record, reason);
    }
  }

  private evaluateOutputs(): void {
    try {
      this.stack.outputs = this.desired.outputs(lookupIn(this.stack));
    } catch (error) {
      this.outputsFault = reasonOf(error);
    }
  }

  private async bring(wanted: DesiredResource): Promise<boolean> {
    if (this.cancelled) return false;
    const current = this.stack.resources.get(wanted.logicalId);
    const made = current !== undefined && isMade(current);
    const record = made ? current : this.begin(wanted);
    let properties: Properties;
    try {
      properties = this.propertiesOf(wanted);
    } catch (error) {
      return this.fail(made ? 'UPDATE' : 'CREATE', record, reasonOf(error));
    }
    if (made) return this.change(wanted, record, properties);
    const imported = this.options.imports.get(wanted.logicalId);
    if (imported !== undefined) return this.adopt(record, imported, properties);
    if (current && !(await unmake(this.site, this.stack, current, false)))
      return this.fail('CREATE', record, 'What an earlier creation left behind cannot be deleted.');
    return this.create(record, properties);
  }

  private begin(wanted: DesiredResource): StackResource {
    const record: StackResource = {
      ...wanted,
      physicalId: undefined,
      status: 'CREATE_IN_PROGRESS',
      statusReason: undefined,
      changedMs: this.site.world.clock.nowMs(),
      declared: {},
      applied: {},
      attributes: {},
    };
    this.stack.resources.set(wanted.logicalId, record);
    return record;
  }

  private propertiesOf({ logicalId, type, properties }: DesiredResource): Properties {
    const declared = this.desired.evaluate(properties, lookupIn(this.stack)) as Record<string, unknown>;
    const resolved = resolveDynamicReferences(declared, type.typeName, this.site.world.parameters);
    return { declared, applied: parseProperties(type, logicalId, resolved) };
  }

  private async create(record: StackResource, properties: Properties): Promise<boolean> {
    Object.assign(record, properties);
    return this.perform('CREATE', record, undefined, async () => {
      const state = await make(this.site, this.stack, record, properties.applied);
      record.physicalId = state.physicalId;
      if (!this.cancelled)
        this.site.events.resource(this.stack, record, 'CREATE_IN_PROGRESS', 'Resource creation Initiated');
      return state;
    });
  }

  private async change(
    wanted: DesiredResource,
    record: StackResource,
    properties: Properties,
  ): Promise<boolean> {
    const { declared, applied } = properties;
    const { deletionPolicy, updateReplacePolicy, metadata, waitsFor } = wanted;
    const aside = { deletionPolicy, updateReplacePolicy, metadata };
    const keys = changedKeys(record.declared, declared);
    const retried = record.status === 'UPDATE_FAILED';
    const asideOf = ({ deletionPolicy, updateReplacePolicy, metadata }: StackResource) =>
      canonical({ deletionPolicy, updateReplacePolicy, metadata });
    if (keys.length === 0 && !retried && asideOf(record) === canonical(aside)) {
      record.waitsFor = waitsFor;
      return true;
    }
    let replaces: boolean;
    try {
      replaces = this.replaces(record, keys, properties);
    } catch (error) {
      return this.fail('UPDATE', record, reasonOf(error));
    }
    const denied = denial(this.stack.policy, replaces ? 'Update:Replace' : 'Update:Modify', record.logicalId);
    if (denied) return this.fail('UPDATE', record, denied);
    const previous = this.previousOf(record, applied);
    if (replaces) return this.replace(record, properties, { ...aside, waitsFor });
    this.undo.touched.set(record.logicalId, applied);
    if (keys.length === 0 && !retried) {
      Object.assign(record, aside, { waitsFor });
      return true;
    }
    const done = await this.perform('UPDATE', record, undefined, () =>
      alter(this.site, this.stack, record, previous, applied),
    );
    if (done) Object.assign(record, properties, aside, { waitsFor });
    return done;
  }

  /** What the resource had before; a retry that goes back to it starts from what the failed update tried. */
  private previousOf(record: StackResource, applied: Record<string, unknown>): Record<string, unknown> {
    const tried = this.undo.touched.get(record.logicalId);
    return tried && canonical(record.applied) === canonical(applied) ? tried : record.applied;
  }

  private replaces(record: StackResource, keys: string[], { declared, applied }: Properties): boolean {
    const { type } = record;
    const behaviour = keys
      .map((key) => updateBehaviour(type.typeName, key, record.declared[key], declared[key]))
      .reduce(stronger, 'no');
    if (behaviour !== 'maybe') return behaviour === 'yes';
    if (!type.replaces) throw notModelled(`whether this change of a ${type.typeName} replaces it`);
    return type.replaces(record.applied, applied);
  }

  private async replace(
    record: StackResource,
    properties: Properties,
    rest: Partial<StackResource>,
  ): Promise<boolean> {
    if (this.options.disableRollback)
      return this.fail(
        'UPDATE',
        record,
        'Replacement type updates not supported on stack with disable-rollback.',
      );
    const name = record.type.nameOf?.(properties.applied);
    if (name !== undefined && name === record.physicalId)
      return this.fail(
        'UPDATE',
        record,
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`,
      );
    this.undo.touched.set(record.logicalId, properties.applied);
    const old = { ...record, updateReplacePolicy: rest.updateReplacePolicy ?? 'Delete' };
    const why = 'Requested update requires the creation of a new physical resource; hence creating one.';
    return this.perform('UPDATE', record, why, async () => {
      try {
        const state = await make(this.site, this.stack, record, properties.applied);
        this.undo.replaced.push(old);
        Object.assign(record, properties, rest, { physicalId: state.physicalId });
        return state;
      } catch (error) {
        if (error instanceof HalfMade)
          this.undo.halfMade.push({ ...record, ...properties, physicalId: error.physicalId });
        throw new Error(reasonOf(error));
      }
    });
  }

  /** Takes a resource into the stack as it is; the template is not compared with it. */
  private async adopt(record: StackResource, physicalId: string, properties: Properties): Promise<boolean> {
    const { events, world } = this.site;
    const { type, logicalId } = record;
    Object.assign(record, properties, { physicalId });
    events.resource(this.stack, record, 'IMPORT_IN_PROGRESS', 'Resource import started.');
    const found = type.find(physicalId);
    if (!found) {
      record.physicalId = undefined;
      return this.fail(
        'IMPORT',
        record,
        `Resource of type '${type.typeName}' with identifier '${physicalId}' was not found.`,
      );
    }
    this.undo.imported.add(logicalId);
    Object.assign(record, found);
    events.resource(this.stack, record, 'IMPORT_COMPLETE', 'Resource import completed.');
    const why = 'Apply stack-level tags to imported resource if applicable.';
    return this.perform('UPDATE', record, why, async () => {
      if (!type.adopt) return found;
      const request = { stackName: this.stack.name, logicalId, physicalId, properties: properties.applied };
      return world.clock.run(`${this.stack.name}/${logicalId}`, () => type.adopt!(request));
    });
  }

  /** One verb on one resource, between its two events. */
  private async perform(
    verb: Verb,
    record: StackResource,
    why: string | undefined,
    work: () => Promise<ResourceState>,
  ): Promise<boolean> {
    this.site.events.resource(this.stack, record, `${verb}_IN_PROGRESS`, why);
    this.underWay.set(record.logicalId, { verb, record });
    try {
      Object.assign(record, await work());
    } catch (error) {
      if (error instanceof HalfMade) record.physicalId = error.physicalId;
      return this.fail(verb, record, reasonOf(error));
    } finally {
      this.underWay.delete(record.logicalId);
    }
    if (this.cancelled) return false;
    this.site.events.resource(this.stack, record, `${verb}_COMPLETE`);
    return true;
  }

  private fail(verb: Verb, record: StackResource, reason: string): false {
    this.underWay.delete(record.logicalId);
    // What was cancelled has had its last event already.
    if (this.cancelled) return false;
    this.failed.push({ verb, logicalId: record.logicalId });
    this.site.events.resource(this.stack, record, `${verb}_FAILED`, reason);
    if (!this.options.disableRollback) this.cancelOthers();
    return false;
  }

  private cancelOthers(): void {
    this.cancelled = true;
    for (const { verb, record } of this.underWay.values()) {
      const word = verb === 'CREATE' ? 'creation' : 'update';
      this.site.events.resource(this.stack, record, `${verb}_FAILED`, `Resource ${word} cancelled`);
    }
  }
}

/** What the names of a stack's resources stand for now. */
export function lookupIn(stack: Stack): Lookup {
  const find = (logicalId: string) => {
    const record = stack.resources.get(logicalId);
    if (!record || record.physicalId === undefined)
      throw new AwsError('ValidationError', `Unresolved resource dependencies [${logicalId}]`);
    return record;
  };
  return {
    reference: (logicalId) => find(logicalId).physicalId!,
    attribute: (logicalId, name) => attributeOf(find(logicalId), name),
  };
}
