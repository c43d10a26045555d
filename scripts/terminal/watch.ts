import { InvalidArgumentError } from 'commander';
import { LiveFeed } from '../../lib/report/page/live-page';
import { wordsIn } from '../../lib/report/page/words';
import type { Clock } from '../../lib/runbook/clock';
import type { Message, MessageCode } from '../../lib/runbook/messages';
import type { RunView } from '../../lib/upgrade/run/run-view';
import { timeZone } from './keep-report';
import { isCommandId } from './progress';
import type { TerminalOperator } from './terminal-operator';
import { Underneath } from './underneath';
import { serve } from './watch-server';

/** Where a run is watched if no other port is named. */
const usualPort = 4207;

/** The parser of `--watch [port]`: without a port its value is `true`. */
export function portWord(word: string): number {
  const port = Number(word);
  if (!/^\d+$/.test(word) || port < 1024 || port > 65_535)
    throw new InvalidArgumentError('It should be a port from 1024 to 65535.');
  return port;
}

export const watchOption = [
  '--watch [port]',
  `serve a page that goes along, on 127.0.0.1:${usualPort}`,
] as const;

/** The option again, as another command is given it, with a blank after it. */
export function watchWords(port: number | true | undefined): string {
  if (port === undefined) return '';
  return port === true ? '--watch ' : `--watch ${port} `;
}

/** What was told of these is said to those who watch. */
const telling = new Set<MessageCode>([
  'RUN_STARTED',
  'RUN_RESUMED',
  'RUN_ALREADY',
  'STEP_STARTED',
  'STEP_DONE',
  'STEP_ALREADY',
  'STEP_FAILED',
  'GATE_ASKED',
  'GATE_CONFIRMED',
  'CHANGE_SEEN',
  'UNDOING',
  'UNDONE',
  'RUN_STOPPED',
  'VISITORS_REFUSED',
  'VISITORS_WELCOMED',
  'INVARIANT_BROKEN',
  'RUN_FINISHED',
]);
const words: Partial<Record<MessageCode, string>> = {
  STEP_STARTED: 'begun',
  STEP_DONE: 'done',
  STEP_ALREADY: 'done already',
  STEP_FAILED: 'failed',
  GATE_ASKED: 'a person is asked',
  UNDOING: 'is taken back',
  UNDONE: 'taken back',
};

/**
 * The same operator, whose run is served to others while it goes on.
 * @returns also what ends it
 * @throws UsageError WATCH_PORT_TAKEN
 */
export async function watched(
  operator: TerminalOperator,
  { port, title, clock }: { port: number | true; title: string; clock: Clock },
): Promise<{ operator: TerminalOperator; end(): Promise<void> }> {
  const seen = new Seen(title, clock);
  const feed = new LiveFeed(() => seen.look(), wordsIn(timeZone()));
  const serving = await serve(port === true ? usualPort : port, feed);
  const tell = (message: Message) => {
    seen.note(message);
    operator.tell(message);
  };
  tell({ code: 'PROGRESS', at: clock.now(), text: `Others watch at ${serving.url}` });
  return {
    operator: {
      ...operator,
      tell,
      follow: (view) => {
        seen.view = view;
        operator.follow(view);
      },
    },
    end: () => {
      seen.over = true;
      return serving.end();
    },
  };
}

/** What a command told, as far as it is of interest still. */
class Seen {
  view: RunView | undefined;
  over = false;
  private said = '';
  private readonly underneath = new Underneath();

  constructor(
    private readonly title: string,
    private readonly clock: Clock,
  ) {}

  note(message: Message): void {
    const { code, step, text } = message;
    if (!isCommandId(text)) this.underneath.note(message);
    if (!telling.has(code)) return;
    const named = this.view?.live().report.steps.find(({ id }) => id === step)?.title;
    this.said = named ? `${named}: ${words[code] ?? text}` : text;
  }

  look() {
    const live = this.view?.live();
    const now = live?.now ?? this.clock.now();
    return {
      title: live?.report.title ?? this.title,
      now,
      live,
      underneath: this.underneath.lately(now),
      said: this.said,
      over: this.over,
    };
  }
}
