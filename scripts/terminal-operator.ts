import { createInterface } from 'node:readline/promises';
import { type Message, type MessageCode, messages } from '../lib/runbook/messages';
import type { Operator } from '../lib/runbook/operator';
import type { Gate, Step } from '../lib/runbook/step';
import type { Terminal } from './command';

export interface OperatorOptions {
  /** Says yes to every gate: for rehearsals, and for people who have read them before. */
  yes: boolean;
  /** One JSON object a message. */
  json: boolean;
}

const signs: Partial<Record<MessageCode, string>> = {
  STEP_STARTED: '▸',
  STEP_DONE: '✓',
  STEP_ALREADY: '✓',
  STEP_FAILED: '✗',
  RUN_STOPPED: '✗',
  INVARIANT_BROKEN: '✗',
  WARNING: '!',
  TOOK_OVER: '!',
  GATE_ASKED: '?',
};

/** What waits says the same again and again, but for a number: it is told when it changes. */
const repeated = new Set<MessageCode>(['STEP_WAITING', 'PROGRESS']);
const withoutNumbers = (text: string) => text.replace(/\d+/g, '');
/** For whoever looks a command up in AWS; the journal of the night is no place for it. */
const commandIds = /: command [0-9a-f-]{36}$/;

/** A person at a terminal: one line a message, questions on the same terminal, Ctrl-C stops at the next safe place. */
export function terminalOperator(terminal: Terminal, { yes, json }: OperatorOptions): Operator {
  const last = new Map<string, string>();
  const write = (line: string) => terminal.stderr.write(`${line}\n`);
  return {
    tell: (message) => {
      const key = `${message.code} ${message.step}`;
      const said = withoutNumbers(message.text);
      if (!json && repeated.has(message.code) && last.get(key) === said) return;
      if (!json && commandIds.test(message.text)) return;
      last.set(key, said);
      write(json ? JSON.stringify({ ...message, meaning: messages[message.code] }) : lineOf(message));
    },
    confirm: async (step, gate) => {
      if (!json) for (const line of question(step, gate)) write(line);
      if (yes) return true;
      if (!terminal.stderr.isTTY || !process.stdin.isTTY) {
        write('  Nobody can be asked here: give --yes, or run this at a terminal.');
        return false;
      }
      const asked = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return (await asked.question('  Type yes to go on: ')).trim().toLowerCase() === 'yes';
      } finally {
        asked.close();
      }
    },
    stopped: untilInterrupted(write),
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

function untilInterrupted(write: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        write(
          'Stopping: nothing more is begun. Again, and this process ends at once; either way the same command goes on.',
        );
        resolve();
      });
  });
}
