import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { AnyResourceType, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { labelNamespace } from './operations';
import { capacityOf, type IpSet, type WebAcl } from './rules';
import { addressVersion, description, name, scope, tags, templateContent } from './shapes';
import type { WafStore, WafWorld } from './store';

const aclShape = z.strictObject({
  Name: name.optional(),
  Scope: scope,
  Tags: tags.default([]),
  ...templateContent,
});
const setShape = z.strictObject({
  Name: name.optional(),
  Scope: scope,
  Description: description.optional(),
  IPAddressVersion: addressVersion,
  Addresses: z.array(z.string()),
  Tags: tags.default([]),
});
const associationShape = z.strictObject({ ResourceArn: z.string(), WebACLArn: z.string() });

export function wafTypes(store: WafStore, world: WafWorld): AnyResourceType[] {
  return [aclType(store, world), setType(store, world), associationType(store, world)];
}

const generatedName = ({ logicalId }: ResourceRequest<unknown>) =>
  `${logicalId}-${randomBytes(6).toString('hex')}`;
const physicalIdOf = ({ name, id }: WebAcl | IpSet) => `${name}|${id}|REGIONAL`;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-wafv2-webacl.html */
function aclType(store: WafStore, { clock, durations }: WafWorld): ResourceType<z.output<typeof aclShape>> {
  const existing = (physicalId: string) => {
    const [name = '', id = ''] = physicalId.split('|');
    return store.named('acls', name, id);
  };
  const state = (acl: WebAcl) => ({
    physicalId: physicalIdOf(acl),
    attributes: {
      Arn: acl.arn,
      Id: acl.id,
      Capacity: String(capacityOf(acl.content.Rules)),
      LabelNamespace: labelNamespace(acl.arn, acl.name),
    },
  });
  return {
    typeName: 'AWS::WAFv2::WebACL',
    properties: aclShape,
    create: async (request) => {
      const { Name, Scope: _, Tags, ...content } = request.properties;
      const acl = store.createAcl(Name ?? generatedName(request), content, Tags);
      await clock.sleep(durations.resourceMs);
      return state(acl);
    },
    update: async ({ physicalId, properties: { Name: _, Scope: __, Tags, ...content } }) => {
      const acl = store.updateAcl(existing(physicalId)?.arn ?? '', content, Tags);
      await clock.sleep(durations.resourceMs);
      return state(acl);
    },
    delete: async ({ physicalId }) => {
      store.deleteAcl(existing(physicalId)?.arn ?? '');
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => {
      const acl = existing(physicalId);
      return acl && state(acl);
    },
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-wafv2-ipset.html */
function setType(store: WafStore, { clock, durations }: WafWorld): ResourceType<z.output<typeof setShape>> {
  const existing = (physicalId: string) => {
    const [name = '', id = ''] = physicalId.split('|');
    return store.named('ipSets', name, id);
  };
  const state = (set: IpSet) => ({
    physicalId: physicalIdOf(set),
    attributes: { Arn: set.arn, Id: set.id },
  });
  const content = ({ Addresses, Description }: z.output<typeof setShape>) => ({
    addresses: Addresses,
    description: Description,
  });
  return {
    typeName: 'AWS::WAFv2::IPSet',
    properties: setShape,
    create: async (request) => {
      const { properties: wanted } = request;
      const set = store.createIpSet(wanted.Name ?? generatedName(request), content(wanted), wanted.Tags);
      await clock.sleep(durations.resourceMs);
      return state(set);
    },
    update: async ({ physicalId, properties: wanted }) => {
      const set = store.updateIpSet(existing(physicalId)?.arn ?? '', content(wanted), wanted.Tags);
      await clock.sleep(durations.resourceMs);
      return state(set);
    },
    delete: async ({ physicalId }) => {
      store.deleteIpSet(existing(physicalId)?.arn ?? '');
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => {
      const set = existing(physicalId);
      return set && state(set);
    },
  };
}

/**
 * Any change replaces it, and so the old one is removed after the new one was made. What was overtaken by then, by the
 * new one or by hand, is gone already and left alone, as the type's published source does:
 * https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-wafv2
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-wafv2-webaclassociation.html
 */
function associationType(
  store: WafStore,
  { clock, durations }: WafWorld,
): ResourceType<z.output<typeof associationShape>> {
  const parts = (physicalId: string) => physicalId.split('|') as [string, string];
  return {
    typeName: 'AWS::WAFv2::WebACLAssociation',
    properties: associationShape,
    create: async ({ properties: { ResourceArn, WebACLArn } }) => {
      await clock.sleep(store.unavailableMs(WebACLArn));
      store.associate(ResourceArn, WebACLArn);
      await clock.sleep(durations.resourceMs);
      return { physicalId: `${ResourceArn}|${WebACLArn}`, attributes: {} };
    },
    update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
    delete: async ({ physicalId }) => {
      store.disassociate(parts(physicalId)[0]);
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => {
      const [resource, acl] = parts(physicalId);
      return store.resourcesOf(acl).includes(resource) ? { physicalId, attributes: {} } : undefined;
    },
  };
}
