import { rmSync } from 'node:fs';
import { buildApp } from '../app';
import type { Place } from './check';
import { nagFindings } from './nag-findings';
import { type Finding, schemaFindings } from './schema-findings';
import type { Situation } from './situations';
import { noStacks, type Stacks, stated } from './stated';

/** A finding, and every situation that it is found in. */
export type Found = Finding & { where: Place[] };

/** Synthesises every situation, and says what the stacks are and what is wrong with them. */
export function synthesise(
  situations: Situation[],
  say: (what: string) => void,
): { stacks: Stacks; findings: Found[] } {
  const stacks = noStacks();
  const findings = new Map<string, Found>();
  for (const situation of situations) {
    const { direction, name, settings, record, words } = situation;
    say(`${direction}, ${name}`);
    const app = buildApp({ settings, record, words });
    const nagged = nagFindings(app, words.retire !== undefined);
    const assembly = app.synth();
    for (const stack of assembly.stacks) {
      stacks[direction][stack.stackName] ??= {};
      stacks[direction][stack.stackName]![name] = stated(stack);
    }
    const broken = assembly.stacks.flatMap(({ stackName, templateFullPath }) =>
      schemaFindings(app, stackName, templateFullPath),
    );
    for (const finding of [...broken, ...nagged]) {
      const known = findings.get(JSON.stringify(finding)) ?? { ...finding, where: [] };
      known.where.push({ direction, situation: name });
      findings.set(JSON.stringify(finding), known);
    }
    rmSync(assembly.directory, { recursive: true, force: true });
  }
  return { stacks, findings: [...findings.values()] };
}
