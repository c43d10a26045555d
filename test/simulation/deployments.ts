import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChangeSets, Declared, Deployments, Stacks } from '../../lib/upgrade/stack-ports';
import { declaredTemplate } from '../../lib/upgrade/stacks/deploy';

/** Deploys what the toolkit would, by change sets of the same templates: the toolkit speaks to sockets alone. */
export function deploymentsOver(
  changeSets: ChangeSets,
  stacks: Stacks,
  unprotect: (stack: string) => Promise<unknown>,
): Deployments {
  return {
    prepare: async (stack, assemble, declared) => {
      const isNew = (await stacks.find(stack)) === undefined;
      const { template, goes } = rendered(stack, assemble, declared);
      const prepared = await changeSets.prepare(stack, template);
      if (isNew && prepared) await changeSets.protect(stack);
      if (goes) await unprotect(stack);
      return prepared;
    },
    execute: (prepared) => changeSets.execute(prepared),
    discard: (prepared) => changeSets.discard(prepared),
    destroy: (stack) => changeSets.removeStack(stack),
  };
}

const known = new Map<string, object>();

interface Rendered {
  template: object;
  /** Whether it may be destroyed: only what is given up is not protected. */
  goes: boolean;
}

function rendered(
  stack: string,
  assemble: Parameters<Deployments['prepare']>[1],
  declared?: Declared,
): Rendered {
  if (!declared) return assembled(stack, assemble);
  const text = declaredTemplate(declared, stack);
  const template = known.get(text) ?? JSON.parse(text);
  known.set(text, template);
  return { template, goes: false };
}

function assembled(stack: string, assemble: Parameters<Deployments['prepare']>[1]): Rendered {
  const outdir = mkdtempSync(path.join(tmpdir(), 'simulated-'));
  try {
    const { template, terminationProtection = false } = assemble(outdir).getStackByName(stack);
    return { template, goes: !terminationProtection };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
