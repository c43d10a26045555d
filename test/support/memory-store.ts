import type { Store } from '../../lib/runbook/store';

/** Objects in memory that obey the conditions of a write. */
export class MemoryStore implements Store {
  readonly objects = new Map<string, { text: string; tag: string }>();
  /** Called around each write; it may throw, as a network does before or after a write was carried out. */
  fault: (moment: 'before' | 'after', key: string) => void = () => {};
  private writes = 0;

  async read(key: string) {
    return this.objects.get(key);
  }

  async list(prefix: string) {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async write(key: string, text: string, expected: 'absent' | { tag: string }) {
    this.fault('before', key);
    const tag = this.objects.get(key)?.tag;
    if (expected === 'absent' ? tag !== undefined : tag !== expected.tag) return undefined;
    this.objects.set(key, { text, tag: `tag-${++this.writes}` });
    this.fault('after', key);
    return this.objects.get(key)!.tag;
  }

  /** Lets one write fail: before it is carried out, or so that only its answer is lost. */
  failOnce(moment: 'before' | 'after'): void {
    this.fault = (now) => {
      if (now !== moment) return;
      this.fault = () => {};
      throw new Error('The connection broke.');
    };
  }
}
