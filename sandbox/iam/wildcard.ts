/** The policies of a sandbox are few, and are asked thousands of times. */
const known: Record<Flags, Map<string, RegExp>> = { '': new Map(), i: new Map() };
type Flags = '' | 'i';

/** `*` stands for any characters and `?` for one; actions are compared without regard to case. */
export function wildcard(pattern: string, flags: Flags): RegExp {
  const made = known[flags].get(pattern);
  if (made) return made;
  const compiled = patternOf(pattern, flags);
  known[flags].set(pattern, compiled);
  return compiled;
}

function patternOf(pattern: string, flags: Flags): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}
