import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Interruption } from './interruption';
import type { LiveScreen } from './live-screen';

/**
 * Whether somebody types the word. A terminal that is asked sends no signal for Ctrl-C; Ctrl-D is a no. What is typed is
 * drawn by the screen, below what goes on.
 */
export function ask(
  word: string,
  { stopped, interrupt }: Interruption,
  screen: LiveScreen | undefined,
  withdrawn?: Promise<unknown>,
): Promise<boolean> {
  const asking = `  Type ${word} to go on: `;
  const output = screen?.isLive ? unseen() : process.stderr;
  return new Promise((resolve) => {
    const question = createInterface({ input: process.stdin, output, terminal: true });
    const draw = () => screen?.draw();
    screen?.ask(() => `${asking}${question.line}_`);
    process.stdin.on('keypress', draw);
    let answer: boolean | undefined = false;
    question.question(asking, (typed) => {
      answer = typed.trim().toLowerCase() === word.toLowerCase();
      question.close();
    });
    question.on('SIGINT', () => {
      if (!screen?.isLive) process.stderr.write('\n');
      interrupt();
    });
    question.on('close', () => {
      process.stdin.off('keypress', draw);
      screen?.ask(undefined);
      // Whoever asks knows that it was stopped, or taken back: that is no answer.
      if (answer !== undefined) resolve(answer);
    });
    const close = () => {
      answer = undefined;
      question.close();
    };
    stopped.then(close);
    withdrawn?.then(close);
  });
}

const unseen = () => new Writable({ write: (_chunk, _encoding, done) => done() });
