/**
 * One call for all names that are asked for at the same moment, for AWS limits calls. It is made after the last of them was
 * asked for: nobody is told what was so before they asked.
 */
export function together<Found>(ask: (names: string[]) => Promise<Found>): (name: string) => Promise<Found> {
  let next: { names: Set<string>; found: Promise<Found> } | undefined;
  return (name) => {
    const names = next?.names ?? new Set<string>();
    names.add(name);
    next ??= {
      names,
      found: Promise.resolve().then(() => {
        next = undefined;
        return ask([...names]);
      }),
    };
    return next.found;
  };
}
