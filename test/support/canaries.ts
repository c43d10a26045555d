import { randomBytes } from 'node:crypto';

/**
 * Values that no world has by itself. The core of each is letters and digits alone: no escaping of any kind changes it
 * (JSON, URL, HTML, a shell's), so it is found whatever a text went through; what does hide it is looked for besides.
 */
export class Canaries {
  private readonly cores = new Map<string, string>();

  /** A new value: the core, and behind it what breaks where quoting is left out. */
  plant(name: string, tail = ''): string {
    const core = `canary${randomBytes(9).toString('hex')}`;
    this.cores.set(name, core);
    return core + tail;
  }

  /** One that was made elsewhere. */
  know(name: string, value: string): void {
    this.cores.set(name, value);
  }

  /** The names of those that a text holds, in whatever form. */
  in(text: string): string[] {
    return [...this.cores]
      .filter(([, core]) => formsOf(core).some((form) => text.includes(form)))
      .map(([name]) => name);
  }
}

function formsOf(core: string): string[] {
  const bytes = Buffer.from(core);
  // What stands before it shifts the groups of three bytes that base64 writes as four letters.
  const shifted = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return whole.slice(shift === 0 ? 0 : 4, Math.floor((shift + bytes.length) / 3) * 4);
  });
  const hex = bytes.toString('hex');
  const utf16 = Buffer.from(core, 'utf16le').toString('base64');
  return [core, core.toUpperCase(), [...core].reverse().join(''), hex, hex.toUpperCase(), utf16, ...shifted];
}
