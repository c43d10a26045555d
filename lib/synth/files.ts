import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseUpgradeRecord, type UpgradeRecord } from '../record';
import { nothing, UsageError } from '../runbook/errors';
import type { AcceptedChange } from './dangers';
import { type Direction, directions } from './situations';

/** The files of a check: records, what was recorded of the stacks, and the changes that were accepted. */

/** @throws UsageError SYNTH_FILE when one is not there */
export function recordsIn(folder: string): Record<Direction, UpgradeRecord> {
  const read = (direction: Direction) => {
    const file = path.join(folder, `${direction}.json`);
    if (existsSync(file)) return parseUpgradeRecord(readFileSync(file, 'utf8'), file);
    throw unusable(
      file,
      'it is not there',
      'Write it as docs/record-format.md says, with both sides having served.',
    );
  };
  return { upgrade: read('upgrade'), reversed: read('reversed') };
}

/** By the file below the folder. Where nothing is there yet, nothing was recorded. */
export function snapshotsIn(folder: string): Record<string, string> {
  const files = directions
    .filter((direction) => existsSync(path.join(folder, direction)))
    .flatMap((direction) => readdirSync(path.join(folder, direction)).map((file) => `${direction}/${file}`))
    .filter((file) => file.endsWith('.yaml'));
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));
}

/** @param text undefined takes the file away */
export function writeSnapshot(file: string, text: string | undefined): void {
  mkdirSync(path.dirname(file), { recursive: true });
  if (text === undefined) rmSync(file);
  else writeFileSync(file, text);
}

export const acceptedChangesFile = 'accepted-changes.yaml';

const acceptedChanges = z.array(
  z.strictObject({
    stack: z.string(),
    resource: z.string().optional(),
    property: z.string(),
    from: z.unknown().optional(),
    to: z.unknown().optional(),
    reason: z.string().min(1, 'say why'),
  }),
);

/** @throws UsageError SYNTH_FILE for one that cannot be understood */
export function acceptedChangesIn(folder: string): AcceptedChange[] {
  const file = path.join(folder, acceptedChangesFile);
  if (!existsSync(file)) return [];
  const parsed = acceptedChanges.safeParse(parse(readFileSync(file, 'utf8')) ?? []);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('/')}: ${issue.message}`);
  throw unusable(
    file,
    faults.join('; '),
    'Each entry has stack, resource, property, from, to and reason, as npm run check:synth prints it.',
  );
}

const unusable = (file: string, fault: string, next: string) =>
  new UsageError('SYNTH_FILE', { so: `${file} cannot be used: ${fault}.`, changed: nothing, next });
