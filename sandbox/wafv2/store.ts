import { randomUUID } from 'node:crypto';
import { AwsError, notModelled } from '../errors';
import type { World } from '../world';
import { checkAddresses, checkContent } from './checks';
import {
  associated,
  duplicate,
  malformedArn,
  nonexistent,
  overLimit,
  staleLockToken,
  unavailable,
} from './refusals';
import { type AclContent, type IpSet, statementsIn, type Tag, type WebAcl } from './rules';

export type WafWorld = Pick<
  World,
  'account' | 'region' | 'clock' | 'durations' | 'switches' | 'happened' | 'loadBalancers'
>;

/** Everything as it stands at one moment, by ARN; `associations` has a load balancer's web ACL. Never changed itself. */
export interface Position {
  acls: ReadonlyMap<string, WebAcl>;
  ipSets: ReadonlyMap<string, IpSet>;
  associations: ReadonlyMap<string, string>;
}

type Kind = 'acls' | 'ipSets';
/** Of each kind: https://docs.aws.amazon.com/waf/latest/developerguide/limits.html */
const mostEntities = 100;
const nothing: Position = { acls: new Map(), ipSets: new Map(), associations: new Map() };

/** Web ACLs, IP sets and associations, and what they were before: the nodes learn of a change one by one. */
export class WafStore {
  /** The oldest first. */
  private readonly history: { atMs: number; position: Position }[] = [{ atMs: 0, position: nothing }];

  constructor(private readonly world: WafWorld) {}

  get now(): Position {
    return this.history.at(-1)!.position;
  }

  at(atMs: number): Position {
    return this.history.findLast((each) => each.atMs <= atMs)?.position ?? nothing;
  }

  createAcl(name: string, content: AclContent, tags: Tag[]): WebAcl {
    checkContent(content, this.now.ipSets);
    const acl = { ...this.entity('acls', name, tags), content, createdMs: this.world.clock.nowMs() };
    this.putAcl(acl);
    return acl;
  }

  /** The tags stay as they are when none are given. */
  updateAcl(arn: string, content: AclContent, tags?: Tag[]): WebAcl {
    const acl = this.acl(arn);
    checkContent(content, this.now.ipSets);
    const changed = { ...acl, content, tags: tags ?? acl.tags, lockToken: randomUUID() };
    this.putAcl(changed);
    return changed;
  }

  deleteAcl(arn: string): void {
    if (this.resourcesOf(arn).length > 0) throw associated();
    this.change('webAcl.deleted', { acl: this.acl(arn).name }, { acls: without(this.now.acls, arn) });
  }

  createIpSet(name: string, content: Pick<IpSet, 'addresses' | 'description'>, tags: Tag[]): IpSet {
    checkAddresses(content.addresses);
    const set = { ...this.entity('ipSets', name, tags), ...content };
    this.putIpSet(set);
    return set;
  }

  /** The tags stay as they are when none are given. */
  updateIpSet(arn: string, content: Pick<IpSet, 'addresses' | 'description'>, tags?: Tag[]): IpSet {
    const set = this.ipSet(arn);
    checkAddresses(content.addresses);
    const changed = { ...set, ...content, tags: tags ?? set.tags, lockToken: randomUUID() };
    this.putIpSet(changed);
    return changed;
  }

  deleteIpSet(arn: string): void {
    const rules = [...this.now.acls.values()].flatMap(({ content }) => content.Rules);
    const statements = rules.flatMap(({ Statement }) => statementsIn(Statement));
    if (statements.some((each) => each.IPSetReferenceStatement?.ARN === arn)) throw associated();
    this.change('ipSet.deleted', { set: this.ipSet(arn).name }, { ipSets: without(this.now.ipSets, arn) });
  }

  acl(arn: string): WebAcl {
    const acl = this.now.acls.get(arn);
    if (acl) return acl;
    throw arn.startsWith('arn:') ? nonexistent() : malformedArn(arn);
  }

  ipSet(arn: string): IpSet {
    const set = this.now.ipSets.get(arn);
    if (set) return set;
    throw nonexistent();
  }

  /** By the name and id that belong together. */
  named<K extends Kind>(kind: K, name: string, id: string) {
    const entities = this.now[kind] as ReadonlyMap<string, K extends 'acls' ? WebAcl : IpSet>;
    return [...entities.values()].find((each) => each.name === name && each.id === id);
  }

  checkLock({ lockToken }: WebAcl | IpSet, given: string): void {
    if (given !== lockToken) throw staleLockToken();
  }

  /** The web ACL of a load balancer that exists. */
  aclOf(resourceArn: string): WebAcl | undefined {
    this.checkResource(resourceArn);
    const arn = this.now.associations.get(resourceArn);
    return arn === undefined ? undefined : this.now.acls.get(arn);
  }

  /** An association ends with its load balancer. */
  resourcesOf(aclArn: string): string[] {
    const existing = this.world.loadBalancers.arns();
    return [...this.now.associations].flatMap(([resource, acl]) =>
      acl === aclArn && existing.includes(resource) ? [resource] : [],
    );
  }

  /** https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html */
  associate(resourceArn: string, aclArn: string): void {
    const acl = this.acl(aclArn);
    const present = this.aclOf(resourceArn);
    if (this.unavailableMs(aclArn) > 0) throw unavailable();
    if (present && present.arn !== aclArn && !this.world.switches.associationReplaces)
      throw new AwsError(
        'WAFInvalidOperationException',
        `The resource is already associated with the web ACL ${present.arn}.`,
      );
    const associations = new Map(this.now.associations).set(resourceArn, aclArn);
    this.change('webAcl.associated', { acl: acl.name, resource: resourceArn }, { associations });
  }

  disassociate(resourceArn: string): void {
    this.checkResource(resourceArn);
    const associations = without(this.now.associations, resourceArn);
    this.change('webAcl.disassociated', { resource: resourceArn }, { associations });
  }

  /** How long it takes until a new web ACL may be associated. */
  unavailableMs(aclArn: string): number {
    const { clock, durations, switches } = this.world;
    if (!switches.newWebAclUnavailable) return 0;
    return Math.max(0, this.acl(aclArn).createdMs + durations.webAclPropagationMs - clock.nowMs());
  }

  private checkResource(arn: string): void {
    if (!arn.startsWith('arn:')) throw malformedArn(arn);
    if (!/^arn:aws:elasticloadbalancing:[^:]+:\d+:loadbalancer\/app\//.test(arn))
      throw notModelled(`web ACLs of ${arn}, only of application load balancers`);
    if (!this.world.loadBalancers.arns().includes(arn)) throw nonexistent();
  }

  private entity(kind: Kind, name: string, tags: Tag[]) {
    const { region, account } = this.world;
    if ([...this.now[kind].values()].some((each) => each.name === name)) throw duplicate();
    if (this.now[kind].size >= mostEntities)
      throw overLimit(`${mostEntities} ${kind === 'acls' ? 'web ACLs' : 'IP sets'}`);
    const id = randomUUID();
    const path = `${kind === 'acls' ? 'webacl' : 'ipset'}/${name}/${id}`;
    const arn = `arn:aws:wafv2:${region}:${account}:regional/${path}`;
    return { name, id, arn, tags, lockToken: randomUUID() };
  }

  private putAcl(acl: WebAcl): void {
    this.change('webAcl.changed', { acl: acl.name }, { acls: new Map(this.now.acls).set(acl.arn, acl) });
  }

  private putIpSet(set: IpSet): void {
    this.change('ipSet.changed', { set: set.name }, { ipSets: new Map(this.now.ipSets).set(set.arn, set) });
  }

  private change(kind: string, facts: Record<string, unknown>, changed: Partial<Position>): void {
    this.history.push({ atMs: this.world.clock.nowMs(), position: { ...this.now, ...changed } });
    this.world.happened(kind, facts);
  }
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): Map<string, Value> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
