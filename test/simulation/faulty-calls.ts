import { type Fault, isReading, isWorldFault, questionOf } from './faults';
import { never, type SimulatedProcess } from './process';
import type { Simulation } from './simulation';
import type { Command } from './transport';

const minuteMs = 60_000;
/** More often than the library tries a call. */
const refusals = 8;
const asleepMs = 20 * minuteMs;

/** A call to AWS, or what a visitor asks. */
type Kind = 'call' | 'visit';

/** One of them that was made. */
export interface Called {
  kind: Kind;
  /** The so-manieth of its kind. */
  n: number;
  /** What is asked, and where in the run. */
  key: string;
  nth: number;
  reads: boolean;
}

/** The last answer to a question, and the last before it that was another. */
interface Answered {
  now: unknown;
  text: string;
  before: unknown;
}

/** What is asked of AWS, of a name server or of a host. */
interface Asking {
  kind: Kind;
  question: string;
  /** To the last word: an old answer about one thing is none about another. */
  exactly: string;
  reads: boolean;
  send(): Promise<unknown>;
}

/** A fault of the network or of a service, as the library throws it. */
function thrown(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code ? { code } : {}), $metadata: {} });
}

const exactly = ({ schema, input }: Command) => `${(schema as string[])[2]} ${JSON.stringify(input)}`;

const passing = new Set(['ThrottlingException', 'TimeoutError', 'ECONNREFUSED']);

/** The calls of all processes of the tool, and the faults that some of them meet. */
export class FaultyCalls {
  readonly made: Called[] = [];
  /** The faults that came, by their place in the plan. */
  readonly met = new Set<number>();
  /** Where in the run the tool is, as it told last. */
  place = 'begin';
  private readonly counts = { call: 0, visit: 0 };
  private readonly times = new Map<string, number>();
  private readonly answers = new Map<string, Answered>();
  private readonly remembers: boolean;
  private spoilsLine: 'torn-line' | 'doubled-line' | undefined;
  private throttled = { question: '', left: 0 };
  private awayUntilMs = 0;
  private readonly expired = new WeakSet<SimulatedProcess>();

  constructor(
    private readonly simulation: Simulation,
    private readonly faults: Fault[],
    private readonly beside: (fault: Fault, process: SimulatedProcess) => void,
  ) {
    this.remembers = faults.some(({ kind }) => kind === 'stale');
  }

  /** What a visitor asks is asked once. */
  visit<T>(process: SimulatedProcess, question: string, answer: () => Promise<T>): Promise<T> {
    const send = async () => {
      if (this.isAway()) throw thrown('Error', 'connect ENETUNREACH', 'ENETUNREACH');
      return answer();
    };
    return this.attempt(process, {
      kind: 'visit',
      question,
      exactly: question,
      reads: true,
      send,
    }) as Promise<T>;
  }

  /** As the library calls: it tries again what may pass, and waits longer each time. */
  async call(process: SimulatedProcess, command: Command, maxAttempts: number): Promise<unknown> {
    const question = questionOf(command);
    const send = () => this.send(process, question, command);
    const asking: Asking = {
      kind: 'call',
      question,
      exactly: exactly(command),
      reads: isReading(command),
      send,
    };
    for (let attempt = 1; ; attempt++)
      try {
        return await this.attempt(process, asking);
      } catch (error) {
        const { name, code = '' } = error as Error & { code?: string };
        if (attempt >= maxAttempts || !(passing.has(name) || passing.has(code))) throw error;
        await this.simulation.world.clock.sleep(Math.min(20_000, 100 * 2 ** attempt));
        if (!process.alive) return never();
      }
  }

  private async attempt(process: SimulatedProcess, asking: Asking): Promise<unknown> {
    for (const fault of this.due(asking)) {
      if (isWorldFault(fault.kind)) this.beside(fault, process);
      else if (fault.kind === 'network-away') this.awayUntilMs = this.nowMs() + 3 * minuteMs;
      else if (fault.kind === 'throttled') this.throttled = { question: asking.question, left: refusals };
      else if (fault.kind === 'torn-line' || fault.kind === 'doubled-line') this.spoilsLine = fault.kind;
      else if (fault.kind === 'expired') this.expired.add(process);
      else if (fault.kind === 'asleep') {
        process.fallAsleep(asleepMs);
        await process.awake();
      } else return this.spoilt(fault, process, asking);
    }
    if (!process.alive) return never();
    return this.answered(asking);
  }

  private nowMs(): number {
    return this.simulation.world.clock.nowMs();
  }

  private isAway(): boolean {
    return this.nowMs() < this.awayUntilMs;
  }

  private async send(process: SimulatedProcess, question: string, command: Command): Promise<unknown> {
    if (this.expired.has(process)) throw thrown('ExpiredTokenException', 'The security token has expired');
    if (this.isAway()) throw thrown('Error', 'connect ECONNREFUSED', 'ECONNREFUSED');
    if (this.throttled.left > 0 && this.throttled.question === question) {
      this.throttled.left--;
      throw thrown('ThrottlingException', 'Rate exceeded');
    }
    if (this.spoilsLine && question === 'PutObject runs/RUN/journal/LINE')
      return this.spoilLine(process, command);
    return this.carry(command);
  }

  private carry(command: Command): Promise<unknown> {
    return this.simulation.carry(command, 1);
  }

  /** Half a line, or the same line in the place of the next too; nobody goes on after it. */
  private async spoilLine(process: SimulatedProcess, command: Command): Promise<never> {
    const { Body, Key } = command.input as { Body: string; Key: string };
    const isTorn = this.spoilsLine === 'torn-line';
    this.spoilsLine = undefined;
    if (isTorn) command.input.Body = Body.slice(0, Body.length / 2);
    await this.carry(command);
    if (!isTorn) {
      command.input.Key = Key.replace(/\d{6}/, (n) => String(Number(n) + 1).padStart(6, '0'));
      await this.carry(command);
    }
    process.kill();
    return never();
  }

  private async spoilt(fault: Fault, process: SimulatedProcess, asking: Asking): Promise<unknown> {
    if (fault.kind === 'crash-before') {
      process.kill();
      return never();
    }
    const before = this.answers.get(asking.exactly)?.before;
    const answer = await this.answered(asking);
    if (fault.kind === 'crash-after') {
      process.kill();
      return never();
    }
    if (fault.kind === 'lost-reply') throw thrown('TimeoutError', 'socket hang up', 'ETIMEDOUT');
    return before ?? answer;
  }

  private async answered({ exactly: question, reads, send }: Asking): Promise<unknown> {
    const answer = await send();
    if (!this.remembers || !reads) return answer;
    const known = this.answers.get(question);
    const text = JSON.stringify(answer);
    if (!known) this.answers.set(question, { now: answer, text, before: answer });
    else if (known.text !== text) this.answers.set(question, { now: answer, text, before: known.now });
    return answer;
  }

  private isAt(at: Fault['at'], { kind, n, key, nth }: Called, question: string): boolean {
    if (typeof at === 'number') return kind === 'call' && at === n;
    if ('visit' in at) return kind === 'visit' && at.visit === n;
    if ('key' in at) return at.key === key && at.nth === nth;
    return at.question === question && at.nth === this.times.get(question);
  }

  private due({ kind, question, reads }: Asking): Fault[] {
    const key = `${question} @ ${this.place}`;
    const nth = (this.times.get(key) ?? 0) + 1;
    this.times.set(key, nth);
    this.times.set(question, (this.times.get(question) ?? 0) + 1);
    const called = { kind, n: ++this.counts[kind], key, nth, reads };
    this.made.push(called);
    return this.faults.filter(({ at }, index) => {
      const isDue = this.isAt(at, called, question);
      if (isDue) this.met.add(index);
      return isDue;
    });
  }
}
