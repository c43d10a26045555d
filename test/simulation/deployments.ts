import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { declaredTemplate } from '../../lib/upgrade/deploy';
import type { ChangeSets, Declared, Deployments, Stacks } from '../../lib/upgrade/stack-ports';

/** Deploys what the toolkit would, by change sets of the same templates: the toolkit speaks to sockets alone. */
export function deploymentsOver(changeSets: ChangeSets, stacks: Stacks): Deployments {
  return {
    prepare: async (stack, assemble, declared) => {
      const isNew = (await stacks.find(stack)) === undefined;
      const prepared = await changeSets.prepare(stack, templateOf(stack, assemble, declared));
      if (isNew && prepared) await changeSets.protect(stack);
      return prepared;
    },
    execute: (prepared) => changeSets.execute(prepared),
    discard: (prepared) => changeSets.discard(prepared),
    destroy: (stack) => changeSets.removeStack(stack),
  };
}

const known = new Map<string, object>();

function templateOf(
  stack: string,
  assemble: Parameters<Deployments['prepare']>[1],
  declared?: Declared,
): object {
  if (!declared) return assembled(stack, assemble);
  const text = declaredTemplate(declared, stack);
  const template = known.get(text) ?? JSON.parse(text);
  known.set(text, template);
  return template;
}

function assembled(stack: string, assemble: Parameters<Deployments['prepare']>[1]): object {
  const outdir = mkdtempSync(path.join(tmpdir(), 'simulated-'));
  try {
    return assemble(outdir).getStackByName(stack).template;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
