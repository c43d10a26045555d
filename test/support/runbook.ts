import type { Run } from '../../lib/runbook/carry-out';
import { type Journal, openJournal } from '../../lib/runbook/journal';
import type { Message } from '../../lib/runbook/messages';
import { type Evidence, fact, type Gate, type Step } from '../../lib/runbook/step';
import { playedClock } from './clock';
import { MemoryStore } from './memory-store';

/** Nobody changes anything beside such a run. */
export const unwatched: Run['watch'] = { requireUnchanged: async () => {}, settled: async () => {} };

/** A run over steps in memory, whose clock jumps whenever it is slept on. Tests change what happens at any place. */
export class PlayedRun {
  nowMs = Date.parse('2026-11-25T11:00:00Z');
  readonly store = new MemoryStore();
  readonly told: Message[] = [];
  readonly did: string[] = [];
  readonly gates: Gate[] = [];
  /** What had been done each time the world was to be judged. */
  readonly judgedAfter: string[] = [];
  answer = true;
  lost: Error | undefined;
  broken: Error | undefined;
  stop: () => void = () => {};
  readonly stopped = new Promise<void>((resolve) => {
    this.stop = resolve;
  });
  readonly clock = playedClock(
    () => new Date(this.nowMs),
    async (durationMs) => {
      this.nowMs += durationMs;
    },
  );
  mends: string[] = [];
  passing = new Set<string>();
  busy = new Set<string>();

  /** The run as a process sees it that has just begun, or begun again. */
  async open(): Promise<Run & { journal: Journal }> {
    const by = { who: 'ada', host: 'laptop', pid: 1, token: `token-${this.nowMs}` };
    const journal = await openJournal(this.store, this.clock, 'a-run', by);
    return {
      clock: this.clock,
      journal,
      lock: {
        check: async () => {
          if (this.lost) throw this.lost;
        },
      },
      operator: {
        tell: (message) => this.told.push(message),
        confirm: async (step, gate) => {
          this.did.push(`asked ${step.id}`);
          this.gates.push(gate);
          return this.answer;
        },
        stopped: this.stopped,
      },
      happened: () => {
        this.judgedAfter.push(this.did.at(-1) ?? 'nothing');
      },
      judged: async () => {
        if (this.broken) throw this.broken;
      },
      watch: unwatched,
      mends: async () => this.mends,
      isPassing: ({ code }) => this.passing.has(code),
      isBusy: ({ code }) => this.busy.has(code),
    };
  }

  /** A step whose act makes its postcondition hold; what is given replaces its parts. */
  step(id: string, given: Partial<Step> = {}): Step {
    let done = false;
    return {
      id,
      title: `Do ${id}`,
      seed: ['U1'],
      after: [],
      minutes: 1,
      deadlineMinutes: 10,
      calls: [],
      byHand: '',
      preconditions: [],
      postconditions: [
        { sentence: `${id} is done`, look: async () => [fact(id, done ? 'done' : 'open', 'done')] },
      ],
      act: async () => {
        this.did.push(`act ${id}`);
        done = true;
        return [];
      },
      attempts: 1,
      reads: 1,
      ...given,
    };
  }

  /** A condition that goes through these answers; the last one stays. */
  answers(sentence: string, ...answers: (boolean | Error)[]) {
    const look = async (): Promise<Evidence[]> => {
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (answer instanceof Error) throw answer;
      return [fact(sentence, answer ? 'so' : 'not so', 'so')];
    };
    return { sentence, look };
  }

  async events(): Promise<string[]> {
    const { journal } = await this.open();
    return journal.entries.map((entry) => [entry.event, entry.step].join(' '));
  }
}
