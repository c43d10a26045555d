import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A file that follows from others, and what should be in it. */
export type Generated = readonly [file: string, text: string];

/** The files that are not as they would be written. */
export function staleOf(files: Generated[]): Generated[] {
  return files.filter(([file, text]) => textOf(file) !== text);
}

export function write(files: Generated[]): void {
  for (const [file, text] of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
