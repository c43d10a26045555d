import { inOrder } from './references';
import { type Site, unmake } from './resource-work';
import type { Stack, StackResource } from './stack';
import type { DeletionPolicy } from './template';

export interface Doomed {
  resource: StackResource;
  policy: DeletionPolicy;
}

/** Deletes resources, each after those that need it. Answers the logical ids that could not be deleted. */
export async function remove(site: Site, stack: Stack, doomed: Doomed[]): Promise<string[]> {
  const byId = new Map(doomed.map((one) => [one.resource.logicalId, one]));
  const neededBy = new Map([...byId.keys()].map((id) => [id, new Set<string>()]));
  for (const [id, { resource }] of byId)
    for (const earlier of resource.waitsFor) neededBy.get(earlier)?.add(id);
  const failed: string[] = [];
  await inOrder(neededBy, async (id) => {
    const done = await removeOne(site, stack, byId.get(id)!);
    if (!done) failed.push(id);
    return done;
  });
  return failed;
}

async function removeOne(site: Site, stack: Stack, { resource, policy }: Doomed): Promise<boolean> {
  if (policy !== 'Retain') return unmake(site, stack, resource, policy === 'Snapshot');
  site.events.resource(stack, resource, 'DELETE_SKIPPED');
  return true;
}

/** How a resource is deleted once it has been in use. */
export const whenInUse = (policy: DeletionPolicy): DeletionPolicy =>
  policy === 'RetainExceptOnCreate' ? 'Retain' : policy;

/** How a resource is deleted by the operation that made it, when that is taken back. */
export function whenJustMade(resource: StackResource, retainExceptOnCreate: boolean): DeletionPolicy {
  const { deletionPolicy: policy, status } = resource;
  if (policy === 'RetainExceptOnCreate' || (policy === 'Retain' && retainExceptOnCreate)) return 'Delete';
  return policy === 'Snapshot' && status === 'CREATE_FAILED' ? 'Delete' : policy;
}
