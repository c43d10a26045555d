import { z } from 'zod';
import { notModelled } from '../errors';
import { pageOf } from '../protocol/paging';
import { type Operation, operation } from '../service';
import { makingOperations, summary } from './making-operations';
import { invalidParameter, nonexistent } from './refusals';
import { capacityOf, type IpSet, type WebAcl } from './rules';
import { apiContent, identity, name, scope } from './shapes';
import type { WafStore } from './store';

const page = { NextMarker: z.string().optional(), Limit: z.number().int().min(1).max(100).optional() };
const arn = z.string().min(20);

/** https://docs.aws.amazon.com/waf/latest/APIReference/API_Operations_AWS_WAFV2.html */
export function wafOperations(store: WafStore): Record<string, Operation> {
  return {
    ...aclOperations(store),
    ...associationOperations(store),
    ...otherOperations(store),
    ...makingOperations(store),
  };
}

function aclOperations(store: WafStore): Record<string, Operation> {
  const named = (Name: string, Id: string) => {
    const acl = store.named('acls', Name, Id);
    if (acl) return acl;
    throw nonexistent();
  };
  return {
    GetWebACL: operation(
      z.strictObject({
        Name: name.optional(),
        Scope: scope.optional(),
        Id: z.string().optional(),
        ARN: arn.optional(),
      }),
      ({ Name, Scope, Id, ARN }) => {
        if (ARN === undefined && (Name === undefined || Scope === undefined || Id === undefined))
          throw invalidParameter('You must specify ARN, or Name, Scope and Id.');
        const acl = ARN === undefined ? named(Name!, Id!) : store.acl(ARN);
        return { WebACL: aclDescription(acl), LockToken: acl.lockToken };
      },
    ),
    ListWebACLs: operation(z.strictObject({ Scope: scope, ...page }), (asked) => {
      const { items, next: NextMarker } = pageOf([...store.now.acls.values()], pageAsked(asked));
      return { NextMarker, WebACLs: items.map((acl) => summary(acl, acl.content.Description)) };
    }),
    UpdateWebACL: operation(
      z.strictObject({ ...identity, LockToken: z.string(), ...apiContent }),
      ({ Name, Scope: _, Id, LockToken, ...content }) => {
        const acl = named(Name, Id);
        store.checkLock(acl, LockToken);
        return { NextLockToken: store.updateAcl(acl.arn, content).lockToken };
      },
    ),
  };
}

function associationOperations(store: WafStore): Record<string, Operation> {
  return {
    GetWebACLForResource: operation(z.strictObject({ ResourceArn: arn }), ({ ResourceArn }) => {
      const acl = store.aclOf(ResourceArn);
      return { WebACL: acl && aclDescription(acl) };
    }),
    ListResourcesForWebACL: operation(
      z.strictObject({ WebACLArn: arn, ResourceType: z.string().default('APPLICATION_LOAD_BALANCER') }),
      ({ WebACLArn, ResourceType }) => {
        if (ResourceType !== 'APPLICATION_LOAD_BALANCER')
          throw notModelled(`resources of type ${ResourceType}, only APPLICATION_LOAD_BALANCER`);
        return { ResourceArns: store.resourcesOf(store.acl(WebACLArn).arn) };
      },
    ),
    AssociateWebACL: operation(
      z.strictObject({ WebACLArn: arn, ResourceArn: arn }),
      ({ WebACLArn, ResourceArn }) => store.associate(ResourceArn, WebACLArn),
    ),
    DisassociateWebACL: operation(z.strictObject({ ResourceArn: arn }), ({ ResourceArn }) =>
      store.disassociate(ResourceArn),
    ),
  };
}

function otherOperations(store: WafStore): Record<string, Operation> {
  return {
    GetIPSet: operation(z.strictObject(identity), ({ Name, Id }) => {
      const set = store.named('ipSets', Name, Id);
      if (!set) throw nonexistent();
      return { IPSet: setDescription(set), LockToken: set.lockToken };
    }),
    ListIPSets: operation(z.strictObject({ Scope: scope, ...page }), (asked) => {
      const { items, next: NextMarker } = pageOf([...store.now.ipSets.values()], pageAsked(asked));
      return { NextMarker, IPSets: items.map((set) => summary(set, set.description)) };
    }),
    ListTagsForResource: operation(z.strictObject({ ResourceARN: arn, ...page }), (asked) => {
      const { ResourceARN } = asked;
      const found = store.now.acls.get(ResourceARN) ?? store.now.ipSets.get(ResourceARN);
      if (!found) throw nonexistent();
      const { items, next: NextMarker } = pageOf(found.tags, pageAsked(asked));
      return { NextMarker, TagInfoForResource: { ResourceARN, TagList: items } };
    }),
  };
}

function aclDescription({ name: Name, id: Id, arn: ARN, content }: WebAcl) {
  return {
    Name,
    Id,
    ARN,
    ...content,
    Capacity: capacityOf(content.Rules),
    ManagedByFirewallManager: false,
    RetrofittedByFirewallManager: false,
    LabelNamespace: labelNamespace(ARN, Name),
  };
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-requirements.html */
export const labelNamespace = (aclArn: string, aclName: string) =>
  `awswaf:${aclArn.split(':')[4]}:webacl:${aclName}:`;

function setDescription({ name: Name, id: Id, arn: ARN, description, addresses: Addresses }: IpSet) {
  return { Name, Id, ARN, Description: description, IPAddressVersion: 'IPV4', Addresses };
}

function pageAsked({ Limit, NextMarker }: { Limit?: number | undefined; NextMarker?: string | undefined }) {
  return { size: Limit, usual: 100, largest: 100, token: NextMarker, fault: 'WAFInvalidParameterException' };
}
