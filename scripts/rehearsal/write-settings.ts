import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { UsageError } from '../../lib/runbook/errors';
import { parseSettings } from '../../lib/settings';
import { readWorld } from '../../lib/upgrade/adopt/read-world';
import { type Edit, settingsOfWorld } from '../../lib/upgrade/adopt/settings-of-world';
import type { Ports } from '../../lib/upgrade/ports';

export interface Written {
  file: string;
  already: boolean;
  /** The paths of the settings that were read from AWS. */
  read: string[];
  remarks: string[];
}

/**
 * Writes settings with all that AWS knows in them; the rest, and the comments, are those of the file they were read from.
 * @throws UsageError FILE_EXISTS rather than write over what somebody may have mended, SETTINGS_INVALID
 */
export async function writeSettings(ports: Ports, { base, file, environments }: Given): Promise<Written> {
  const { edits, remarks } = settingsOfWorld(ports.settings, await readWorld(ports, environments));
  const text = edited(readFileSync(base, 'utf8'), edits);
  parseSettings(parseDocument(text).toJS(), file);
  const read = edits.map(([path]) => path.join('/'));
  if (existsSync(file)) {
    if (readFileSync(file, 'utf8') === text) return { file, already: true, read, remarks };
    throw new UsageError('FILE_EXISTS', {
      so: `${file} is there already, and is not what would be written.`,
      changed: 'Nothing was changed.',
      next: 'Name another file with --write, and compare the two.',
    });
  }
  writeFileSync(file, text);
  return { file, already: false, read, remarks };
}

interface Given {
  /** The file of the settings. */
  base: string;
  file: string;
  /** Names of the live environments, by role. */
  environments: Record<string, string>;
}

function edited(text: string, edits: Edit[]): string {
  const document = parseDocument(text);
  for (const [path, value] of edits) document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 120 });
}
