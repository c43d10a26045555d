import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Ports } from '../../lib/upgrade/ports';
import type { PlannedChange } from '../../lib/upgrade/stack-ports';
import type { FakeWorld } from './ports';

/** Change sets as two templates give them; executed, a change is there at once. */
export function fakeDeployments(world: FakeWorld): Ports['deployments'] {
  return {
    prepare: async (stack, assemble) => {
      const outdir = mkdtempSync(path.join(tmpdir(), 'fake-'));
      const { template } = assemble(outdir).getStackByName(stack);
      rmSync(outdir, { recursive: true });
      world.changes.push(`prepare ${stack}`);
      world.prepared.set(stack, JSON.parse(JSON.stringify(template)));
      const changes = world.planned ?? changesBetween(world.stacks.get(stack)?.template, template);
      return changes.length === 0 ? undefined : { stack, id: `change of ${stack}`, changes };
    },
    execute: async ({ stack }) => {
      world.changes.push(`execute ${stack}`);
      const template = world.prepared.get(stack) as Template;
      world.stack(stack, template);
      moveDoors(world, template);
    },
    discard: async ({ stack }) => {
      world.changes.push(`discard ${stack}`);
    },
    destroy: async (stack) => {
      world.changes.push(`destroy ${stack}`);
      world.stacks.delete(stack);
    },
  };
}

/** The doors of a template are where they should be at once. */
function moveDoors(world: FakeWorld, { Resources }: Template): void {
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::WAFv2::WebACL') continue;
    const { Name, DefaultAction, Rules } = Properties as unknown as WebAcl;
    world.doors.set(world.environments.get(Name.replace(/-door$/, ''))!.loadBalancers[0]!, {
      name: Name,
      lets: DefaultAction.Allow !== undefined,
      rules: (Rules ?? []).map((each) => each.Name),
    });
  }
}

interface WebAcl {
  Name: string;
  DefaultAction: { Allow?: object };
  Rules?: { Name: string }[];
}

type Template = { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };

function changesBetween(before: unknown, after: unknown): PlannedChange[] {
  const old = (before as Template | undefined)?.Resources ?? {};
  return Object.entries((after as Template).Resources).flatMap(
    ([resource, { Type: type, Properties }]): PlannedChange[] => {
      const known = old[resource];
      if (!known) return [{ resource, type, action: 'Add', replacement: undefined, properties: [] }];
      const properties = Object.keys(Properties).filter(
        (name) => JSON.stringify(Properties[name]) !== JSON.stringify(known.Properties[name]),
      );
      return properties.length === 0
        ? []
        : [{ resource, type, action: 'Modify', replacement: 'False', properties }];
    },
  );
}
