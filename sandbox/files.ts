import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Files } from './world';

/** Files of this machine. */
export const realFiles: Files = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  write: (path, text, mode) => {
    writeFileSync(path, text, mode === undefined ? {} : { mode });
    // The mode above counts only for a new file.
    if (mode !== undefined) chmodSync(path, mode);
  },
  read: (path) => readFileSync(path, 'utf8'),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
};
