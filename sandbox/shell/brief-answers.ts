import net from 'node:net';
import type { BriefStandIn } from './stand-in';
import { type Caller, refusal } from './switchboard';

/**
 * Answers the stand-ins that need nothing but their words, over a loopback port that bash itself can open: a process of
 * Node's for each call would take many times as long. A question is strings that each end with a NUL: how many
 * arguments, whose command it is part of, the name, the arguments. The answer is three: exit code, output, errors.
 */
export class BriefAnswers {
  private readonly server = net.createServer((socket) => this.listen(socket));

  constructor(
    private readonly standIns: Record<string, BriefStandIn>,
    private readonly callerOf: (run: string) => Caller | undefined,
  ) {}

  /** Resolves to the port. */
  async open(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    // A sandbox must not keep its process alive by listening.
    this.server.unref();
    return (this.server.address() as net.AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }

  private listen(socket: net.Socket): void {
    let received = '';
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (text) => {
      received += text;
      const [count = '', run = '', name = '', ...args] = received.split('\0').slice(0, -1);
      if (name === '' || args.length < Number(count)) return;
      socket.end(`${this.answer(run, name, args).join('\0')}\0`);
    });
  }

  private answer(run: string, name: string, args: string[]): [exitCode: number, out: string, err: string] {
    const caller = this.callerOf(run);
    if (!caller) return [127, '', `sandbox: ${name} was called outside a command\n`];
    let out = '';
    let err = '';
    const print = (text: string) => {
      out += text;
    };
    const complain = (text: string) => {
      err += text;
    };
    try {
      const standIn = this.standIns[name] as BriefStandIn;
      return [standIn({ args, instance: caller.instance, print, complain }), out, err];
    } catch (error) {
      return [127, out, err + refusal(caller, name, error)];
    }
  }
}
