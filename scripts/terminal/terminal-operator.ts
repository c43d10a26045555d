import { type Message, type MessageCode, messages } from '../../lib/runbook/messages';
import type { Operator } from '../../lib/runbook/operator';
import type { Gate, Step } from '../../lib/runbook/step';
import type { RunView } from '../../lib/upgrade/run/run-view';
import type { Terminal } from './command';
import { type Left, leaving, listen, stopping } from './interruption';
import type { Tone } from './live-lines';
import type { LiveScreen } from './live-screen';
import { isCommandId } from './progress';
import { ask } from './question';
import { subjectOf, Underneath } from './underneath';

export interface OperatorOptions {
  /** Says yes to every gate: for rehearsals, and for people who have read them before. */
  yes: boolean;
  /** The words that gates ask for instead of a yes, given beforehand. */
  words?: string[];
  /** One JSON object a message. */
  json: boolean;
  /** What is typed to go on with the run. */
  command: string;
  /** Where what is so now can be drawn. */
  screen?: LiveScreen | undefined;
}

/** A person at a terminal, who is shown the runs that are followed. */
export interface TerminalOperator extends Operator {
  follow(view: RunView): void;
  /** Nothing is drawn any more. */
  end(): void;
}

const signs: Partial<Record<MessageCode, [sign: string, tone: Tone]>> = {
  STEP_STARTED: ['▸', 'plain'],
  STEP_DONE: ['✓', 'good'],
  STEP_ALREADY: ['✓', 'good'],
  RUN_ALREADY: ['✓', 'good'],
  STEP_FAILED: ['✗', 'bad'],
  RUN_STOPPED: ['✗', 'bad'],
  INVARIANT_BROKEN: ['✗', 'bad'],
  WARNING: ['!', 'warn'],
  TOOK_OVER: ['!', 'warn'],
  GATE_ASKED: ['?', 'strong'],
  GATE_EXPIRED: ['!', 'warn'],
  BUDGET_EXCEEDED: ['!', 'warn'],
  CHANGE_SEEN: ['!', 'warn'],
  UNDOING: ['◂', 'plain'],
  UNDONE: ['✓', 'good'],
  RUN_FINISHED: ['✓', 'good'],
};

/** What waits says the same again and again, but for a number: it is told when it changes. */
const repeated = new Set<MessageCode>(['STEP_WAITING', 'PROGRESS']);
/** What is drawn for as long as it is so need not stay. */
const drawn = new Set<MessageCode>(['STEP_STARTED', 'STEP_WAITING', 'UNDOING']);
/** Of a step that went well one line is enough to read. */
const brief = new Set<MessageCode>(['STEP_DONE', 'STEP_ALREADY']);
const withoutNumbers = (text: string) => text.replace(/, \d+ s$|\d+/g, '');

/**
 * A person at a terminal: what runs is drawn below what was said, and questions below that. Elsewhere one line a message.
 * Ctrl-C stops at the next safe place, at a question too; Ctrl-D there is a no.
 */
export function terminalOperator(terminal: Terminal, options: OperatorOptions): TerminalOperator {
  const { yes, words = [], json, command, screen } = options;
  const last = new Map<string, string>();
  const underneath = new Underneath();
  let view: RunView | undefined;
  const write = (text: string, tone: Tone = 'plain', isBrief = false) =>
    screen ? screen.say({ text, tone, brief: isBrief }) : terminal.stderr.write(`${text}\n`);
  const tell = (message: Message) => {
    const { code, step, text } = message;
    if (json) return terminal.stderr.write(`${JSON.stringify({ ...message, meaning: messages[code] })}\n`);
    const key = `${code} ${step} ${subjectOf(text)}`;
    if (repeated.has(code) && last.get(key) === withoutNumbers(text)) return;
    if (isCommandId(text)) return;
    last.set(key, withoutNumbers(text));
    write(lineOf(message), signs[code]?.[1], brief.has(code));
  };
  const say = (code: MessageCode, lines: string[]) => {
    if (json) tell({ code, at: view?.live().now ?? new Date(), text: lines.join(' ') });
    else for (const line of lines) write(line, 'warn');
  };
  const left = (): Left => {
    const live = view?.live();
    return { live, underneath: live ? underneath.lately(live.now) : [], command };
  };
  const interruption = listen({
    stopping: () => say('STOPPING', stopping(left())),
    leaving: () => {
      screen?.end();
      say('STOPPING', leaving(left()));
    },
  });
  return {
    tell: (message) => {
      const isUnderneath = underneath.note(message);
      if (screen?.isLive && (isUnderneath || drawn.has(message.code))) screen.draw();
      else tell(message);
    },
    confirm: async (step, gate, withdrawn) => {
      if (!json) for (const line of question(step, gate)) write(line);
      const { word = 'yes' } = gate;
      if (word === 'yes' ? yes : words.includes(word)) return true;
      if (!terminal.stderr.isTTY || !process.stdin.isTTY) {
        const option = word === 'yes' ? '--yes' : `--confirm ${word}`;
        say('WARNING', [`  Nobody can be asked here: give ${option}, or run this at a terminal.`]);
        return false;
      }
      return ask(word, interruption, screen, withdrawn);
    },
    stopped: interruption.stopped,
    follow: (followed) => {
      view = followed;
      screen?.follow(followed, underneath);
    },
    end: () => screen?.end(),
  };
}

function lineOf({ at, code, step = '', text }: Message): string {
  const time = at.toLocaleTimeString('en-AU', { hourCycle: 'h23' });
  return `${time} ${signs[code]?.[0] ?? ' '} ${step.padEnd(24)} ${text}`;
}

function question({ title }: Step, { will, check }: Gate): string[] {
  return [
    `── ${title} ──`,
    '  What will happen:',
    ...will.map((line) => `    ${line}`),
    '  What to check:',
    ...check.map((line) => `    ${line}`),
  ];
}
