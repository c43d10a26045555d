import { createInterface } from 'node:readline';
import { type Message, type MessageCode, messages } from '../lib/runbook/messages';
import type { Operator } from '../lib/runbook/operator';
import type { Gate, Step } from '../lib/runbook/step';
import type { Terminal } from './command';
import { isCommandId } from './progress';

export interface OperatorOptions {
  /** Says yes to every gate: for rehearsals, and for people who have read them before. */
  yes: boolean;
  /** The words that gates ask for instead of a yes, given beforehand. */
  words?: string[];
  /** One JSON object a message. */
  json: boolean;
}

const signs: Partial<Record<MessageCode, string>> = {
  STEP_STARTED: '▸',
  STEP_DONE: '✓',
  STEP_ALREADY: '✓',
  RUN_ALREADY: '✓',
  STEP_FAILED: '✗',
  RUN_STOPPED: '✗',
  INVARIANT_BROKEN: '✗',
  WARNING: '!',
  TOOK_OVER: '!',
  GATE_ASKED: '?',
  CHANGE_SEEN: '!',
  UNDOING: '◂',
  UNDONE: '✓',
  RUN_FINISHED: '✓',
};

/** What waits says the same again and again, but for a number: it is told when it changes. */
const repeated = new Set<MessageCode>(['STEP_WAITING', 'PROGRESS']);
/** Whose progress it is, such as an instance: several work side by side, and each is told for itself. */
const subjectOf = (text: string) => /^(\S+): /.exec(text)?.[1] ?? '';
const withoutNumbers = (text: string) => text.replace(/, \d+ s$|\d+/g, '');

/**
 * A person at a terminal: one line a message, questions on the same terminal. Ctrl-C stops at the next safe place, at a
 * question too; Ctrl-D there is a no.
 */
export function terminalOperator(terminal: Terminal, { yes, words = [], json }: OperatorOptions): Operator {
  const last = new Map<string, string>();
  const write = (line: string) => terminal.stderr.write(`${line}\n`);
  const interruption = listen(write);
  return {
    tell: (message) => {
      const key = `${message.code} ${message.step} ${subjectOf(message.text)}`;
      const said = withoutNumbers(message.text);
      if (!json && repeated.has(message.code) && last.get(key) === said) return;
      if (!json && isCommandId(message.text)) return;
      last.set(key, said);
      write(json ? JSON.stringify({ ...message, meaning: messages[message.code] }) : lineOf(message));
    },
    confirm: async (step, gate) => {
      if (!json) for (const line of question(step, gate)) write(line);
      const { word = 'yes' } = gate;
      if (word === 'yes' ? yes : words.includes(word)) return true;
      if (!terminal.stderr.isTTY || !process.stdin.isTTY) {
        const option = word === 'yes' ? '--yes' : `--confirm ${word}`;
        write(`  Nobody can be asked here: give ${option}, or run this at a terminal.`);
        return false;
      }
      return ask(word, interruption, write);
    },
    stopped: interruption.stopped,
  };
}

function lineOf({ at, code, step, text }: Message): string {
  const time = at.toLocaleTimeString('en-AU', { hour12: false });
  return `${time} ${signs[code] ?? ' '} ${(step ?? '').padEnd(24)} ${text}`;
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

interface Interruption {
  stopped: Promise<void>;
  /** What a signal does. */
  interrupt(): void;
}

/** npm hands on the signal that its terminal has sent to both: a person's second one comes later. */
const echoMs = 500;

function listen(write: (line: string) => void): Interruption {
  let stop = () => {};
  let stoppingSinceMs: number | undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const interrupt = () => {
    if (stoppingSinceMs === undefined) {
      stoppingSinceMs = Date.now();
      write(stopping);
      stop();
    } else if (Date.now() - stoppingSinceMs > echoMs) {
      write(left);
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  return { stopped, interrupt };
}

const stopping =
  'Stopping: no further step begins. What AWS does goes on without this process; what a step does itself is awaited, which may take minutes. Ctrl-C again leaves at once, in the middle of it.';
const left =
  'LEFT: This process has ended in the middle of what it did.\nWhat was begun in AWS goes on; the run is unfinished.\nRun the same command again: it goes on from what AWS says.';

/** Whether somebody types the word. A terminal that is asked sends no signal for Ctrl-C. */
function ask(
  word: string,
  { stopped, interrupt }: Interruption,
  write: (line: string) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const question = createInterface({ input: process.stdin, output: process.stderr });
    let isAnswered = false;
    question.question(`  Type ${word} to go on: `, (answer) => {
      isAnswered = true;
      question.close();
      resolve(answer.trim().toLowerCase() === word.toLowerCase());
    });
    question.on('SIGINT', () => {
      write('');
      interrupt();
    });
    question.on('close', () => {
      if (isAnswered) return;
      write('');
      resolve(false);
    });
    stopped.then(() => {
      // Whoever asks knows that it was stopped: that is no answer.
      isAnswered = true;
      question.close();
    });
  });
}
