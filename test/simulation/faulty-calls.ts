import { type Fault, isReading, isWorldFault, questionOf } from './faults';
import { never, type SimulatedProcess } from './process';
import type { Simulation } from './simulation';
import type { Command } from './transport';

const minuteMs = 60_000;
/** More often than the library tries a call. */
const refusals = 8;
const asleepMs = 20 * minuteMs;

/** One call that was made. */
export interface Called {
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

/** A fault of the network or of a service, as the library throws it. */
function thrown(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code ? { code } : {}), $metadata: {} });
}

/** To the last word: an old answer about one thing is none about another. */
const exactly = ({ schema, input }: Command) => `${(schema as string[])[2]} ${JSON.stringify(input)}`;

const passing = new Set(['ThrottlingException', 'TimeoutError', 'ECONNREFUSED']);

/** The calls of all processes of the tool, and the faults that some of them meet. */
export class FaultyCalls {
  readonly made: Called[] = [];
  /** The faults that came, by their place in the plan. */
  readonly met = new Set<number>();
  /** Where in the run the tool is, as it told last. */
  place = 'begin';
  private readonly times = new Map<string, number>();
  private readonly answers = new Map<string, Answered>();
  private readonly remembers: boolean;
  private tears = false;
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

  /** As the library calls: it tries again what may pass, and waits longer each time. */
  async call(process: SimulatedProcess, command: Command, maxAttempts: number): Promise<unknown> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.attempt(process, command);
      } catch (error) {
        const { name, code = '' } = error as Error & { code?: string };
        if (attempt >= maxAttempts || !(passing.has(name) || passing.has(code))) throw error;
        await this.simulation.world.clock.sleep(Math.min(20_000, 100 * 2 ** attempt));
        if (!process.alive) return never();
      }
  }

  private async attempt(process: SimulatedProcess, command: Command): Promise<unknown> {
    const { clock } = this.simulation.world;
    const question = questionOf(command);
    for (const fault of this.due(question, command)) {
      if (isWorldFault(fault.kind)) this.beside(fault, process);
      else if (fault.kind === 'network-away') this.awayUntilMs = clock.nowMs() + 3 * minuteMs;
      else if (fault.kind === 'throttled') this.throttled = { question, left: refusals };
      else if (fault.kind === 'torn-line') this.tears = true;
      else if (fault.kind === 'expired') this.expired.add(process);
      else if (fault.kind === 'asleep') {
        process.fallAsleep(asleepMs);
        await process.awake();
      } else return this.spoilt(fault, process, command);
    }
    if (!process.alive) return never();
    if (this.expired.has(process)) throw thrown('ExpiredTokenException', 'The security token has expired');
    if (clock.nowMs() < this.awayUntilMs) throw thrown('Error', 'connect ECONNREFUSED', 'ECONNREFUSED');
    if (this.throttled.left > 0 && this.throttled.question === question) {
      this.throttled.left--;
      throw thrown('ThrottlingException', 'Rate exceeded');
    }
    if (this.tears && question === 'PutObject runs/RUN/journal/LINE') return this.torn(process, command);
    return this.answered(command);
  }

  private async torn(process: SimulatedProcess, command: Command): Promise<never> {
    this.tears = false;
    const whole = String(command.input.Body);
    command.input.Body = whole.slice(0, whole.length / 2);
    await this.simulation.carry(command, 1);
    process.kill();
    return never();
  }

  private async spoilt(fault: Fault, process: SimulatedProcess, command: Command): Promise<unknown> {
    if (fault.kind === 'crash-before') {
      process.kill();
      return never();
    }
    const before = this.answers.get(exactly(command))?.before;
    const answer = await this.answered(command);
    if (fault.kind === 'crash-after') {
      process.kill();
      return never();
    }
    if (fault.kind === 'lost-reply') throw thrown('TimeoutError', 'socket hang up');
    return before ?? answer;
  }

  private async answered(command: Command): Promise<unknown> {
    const answer = await this.simulation.carry(command, 1);
    if (!this.remembers || !isReading(command)) return answer;
    const question = exactly(command);
    const known = this.answers.get(question);
    const text = JSON.stringify(answer);
    if (!known) this.answers.set(question, { now: answer, text, before: answer });
    else if (known.text !== text) this.answers.set(question, { now: answer, text, before: known.now });
    return answer;
  }

  private isAt(
    at: Fault['at'],
    { n, key, nth, question }: { n: number; key: string; nth: number; question: string },
  ): boolean {
    if (typeof at === 'number') return at === n;
    if ('key' in at) return at.key === key && at.nth === nth;
    return at.question === question && at.nth === this.times.get(question);
  }

  private due(question: string, command: Command): Fault[] {
    const key = `${question} @ ${this.place}`;
    const nth = (this.times.get(key) ?? 0) + 1;
    this.times.set(key, nth);
    this.times.set(question, (this.times.get(question) ?? 0) + 1);
    const n = this.made.length + 1;
    this.made.push({ n, key, nth, reads: isReading(command) });
    return this.faults.filter(({ at }, index) => {
      const isDue = this.isAt(at, { n, key, nth, question });
      if (isDue) this.met.add(index);
      return isDue;
    });
  }
}
