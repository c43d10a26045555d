/** The policies of a sandbox are few, and are asked thousands of times. */
const known = new Map<string, RegExp>();

/** `*` stands for any characters and `?` for one; actions are compared without regard to case. */
export function wildcard(pattern: string, flags: string): RegExp {
  const key = `${flags}/${pattern}`;
  const made = known.get(key) ?? patternOf(pattern, flags);
  known.set(key, made);
  return made;
}

function patternOf(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}
