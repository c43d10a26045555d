import fs from 'node:fs';
import net from 'node:net';
import type { Clock } from '../clock';
import type { Instance } from '../world';
import type { Idleness } from './idleness';
import { type Invocation, type StandIn, UnmodelledCommand } from './stand-in';

/** A command under way, as the stand-ins that it calls need to know it. */
export interface Caller {
  id: string;
  instance: Instance;
  idleness: Idleness;
  shellPid: number;
  unmodelledFile: string;
}

type Message = Record<string, unknown>;

/** Connects the stand-ins' processes with what they stand in for. */
export class Switchboard {
  private readonly server = net.createServer((socket) => this.answer(socket));
  private readonly sockets = new Map<net.Socket, Caller | undefined>();
  private readonly callers = new Map<string, Caller>();

  constructor(
    readonly socketPath: string,
    private readonly clock: Clock,
    private readonly standIns: Record<string, StandIn>,
  ) {}

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.socketPath, resolve);
    });
    // A sandbox must not keep its process alive by listening.
    this.server.unref();
  }

  close(): void {
    for (const socket of this.sockets.keys()) socket.destroy();
    this.server.close();
    fs.rmSync(this.socketPath, { force: true });
  }

  register(caller: Caller): () => void {
    this.callers.set(caller.id, caller);
    return () => {
      this.callers.delete(caller.id);
      this.hangUp(caller);
    };
  }

  /** Ends the stand-ins that still are at work for a command. */
  hangUp(caller: Caller): void {
    for (const [socket, whose] of this.sockets) if (whose === caller) socket.destroy();
  }

  private answer(socket: net.Socket): void {
    this.sockets.set(socket, undefined);
    const ended = new AbortController();
    const listeners: ((message: Message) => void)[] = [];
    let started = false;
    let received = '';
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.sockets.delete(socket);
      ended.abort();
    });
    socket.on('data', (text) => {
      const lines = (received + text).split('\n');
      received = lines.pop() as string;
      for (const line of lines) {
        const message = JSON.parse(line) as Message;
        if (started) for (const listener of listeners) listener(message);
        else void this.perform(message, socket, ended.signal, listeners);
        started = true;
      }
    });
  }

  private async perform(
    call: Message,
    socket: net.Socket,
    signal: AbortSignal,
    listeners: ((message: Message) => void)[],
  ): Promise<void> {
    const send = (message: Message) => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
    };
    const say = (stream: 'out' | 'err', text: string) => {
      if (text !== '') send({ [stream]: Buffer.from(text).toString('base64') });
    };
    const environ = call.environ as Record<string, string>;
    const caller = this.callerOf(environ.SANDBOX_RUN ?? '');
    if (!caller) {
      say('err', `sandbox: ${call.name} was called outside a command\n`);
      send({ exit: 127 });
      return;
    }
    this.sockets.set(socket, caller);
    const invocation: Invocation = {
      args: call.args as string[],
      cwd: call.cwd as string,
      environ: withoutSandbox(environ),
      pid: call.pid as number,
      parentPid: call.parentPid as number,
      descriptors: call.descriptors as Record<string, string>,
      instance: caller.instance,
      shellPid: caller.shellPid,
      signal,
      print: (text) => say('out', text),
      complain: (text) => say('err', text),
      stdin: () => whole(send, listeners, signal),
      exec: (program) => {
        const env = program.env && { ...sandboxOf(environ), ...program.env };
        send({ exec: { ...program, env } });
        return exited(program.file, listeners, signal);
      },
      killProgram: (name) => send({ kill: name }),
    };
    const standIn = this.standIns[call.name as string] as StandIn;
    const ended = caller.idleness.begin(invocation.pid);
    // An activity of its own, so that it may wait while the rest of the command works.
    const perform = () => this.clock.run(String(call.name), async () => standIn(invocation));
    try {
      send({ exit: await this.clock.within(undefined, perform) });
    } catch (error) {
      say('err', refusal(caller, String(call.name), error));
      send({ exit: 127 });
    } finally {
      ended();
    }
  }

  /** Whose command this is; a command that lost the environment which says so is that of the only caller. */
  callerOf(run: string): Caller | undefined {
    return this.callers.get(run) ?? (this.callers.size === 1 ? [...this.callers.values()][0] : undefined);
  }
}

/** Notes that a stand-in failed; returns what the command says of it. */
export function refusal(caller: Caller, name: string, error: unknown): string {
  const text = error instanceof UnmodelledCommand ? error.message : `sandbox: ${name} failed: ${error}`;
  fs.appendFileSync(caller.unmodelledFile, `${text.replace('sandbox: does not model ', '')}\n`);
  return `${text}\n`;
}

const isOfSandbox = (name: string) => name.startsWith('SANDBOX_') || name === 'BASH_ENV';

function withoutSandbox(environ: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(environ).filter(([name]) => !isOfSandbox(name)));
}

function sandboxOf(environ: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(environ).filter(([name]) => isOfSandbox(name)));
}

function whole(
  send: (message: Message) => void,
  listeners: ((message: Message) => void)[],
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  send({ stdin: true });
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(Buffer.concat(chunks)));
    listeners.push((message) => {
      if (typeof message.data === 'string') chunks.push(Buffer.from(message.data, 'base64'));
      if (message.end) resolve(Buffer.concat(chunks));
    });
  });
}

function exited(
  file: string,
  listeners: ((message: Message) => void)[],
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(137));
    listeners.push((message) => {
      if (message.missing) reject(new UnmodelledCommand(`the command ${file}`));
      if (typeof message.exited === 'number') resolve(message.exited);
    });
  });
}
