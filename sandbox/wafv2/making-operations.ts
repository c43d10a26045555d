import { z } from 'zod';
import { type Operation, operation } from '../service';
import { nonexistent } from './refusals';
import type { IpSet, WebAcl } from './rules';
import { addressVersion, apiContent, description, identity, name, scope, tags } from './shapes';
import type { WafStore } from './store';

const locked = { ...identity, LockToken: z.string() };
const addresses = { Description: description.optional(), Addresses: z.array(z.string()) };

/** What makes and deletes web ACLs and IP sets by hand. A change needs the newest lock token. */
export function makingOperations(store: WafStore): Record<string, Operation> {
  const unlocked = (kind: 'acls' | 'ipSets', asked: { Name: string; Id: string; LockToken: string }) => {
    const found = store.named(kind, asked.Name, asked.Id);
    if (!found) throw nonexistent();
    store.checkLock(found, asked.LockToken);
    return found.arn;
  };
  return {
    CreateWebACL: operation(
      z.strictObject({ Name: name, Scope: scope, Tags: tags.default([]), ...apiContent }),
      ({ Name, Scope: _, Tags, ...content }) => ({
        Summary: summary(store.createAcl(Name, content, Tags), content.Description),
      }),
    ),
    DeleteWebACL: operation(z.strictObject(locked), (asked) => store.deleteAcl(unlocked('acls', asked))),
    CreateIPSet: operation(
      z.strictObject({
        Name: name,
        Scope: scope,
        IPAddressVersion: addressVersion,
        Tags: tags.default([]),
        ...addresses,
      }),
      ({ Name, Tags, Description, Addresses }) => {
        const set = store.createIpSet(Name, { addresses: Addresses, description: Description }, Tags);
        return { Summary: summary(set, Description) };
      },
    ),
    UpdateIPSet: operation(z.strictObject({ ...locked, ...addresses }), (asked) => {
      const content = { addresses: asked.Addresses, description: asked.Description };
      return { NextLockToken: store.updateIpSet(unlocked('ipSets', asked), content).lockToken };
    }),
    DeleteIPSet: operation(z.strictObject(locked), (asked) => store.deleteIpSet(unlocked('ipSets', asked))),
  };
}

export function summary({ name: Name, id: Id, arn: ARN, lockToken }: WebAcl | IpSet, Description?: string) {
  return { Name, Id, Description, LockToken: lockToken, ARN };
}
