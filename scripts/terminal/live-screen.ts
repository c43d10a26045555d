import { clearScreenDown, cursorTo } from 'node:readline';
import { styleText } from 'node:util';
import type { RunView } from '../../lib/upgrade/run/run-view';
import { cut, type Line, liveLines, type Tone, wide, wrapped } from './live-lines';
import { Underneath } from './underneath';

/** A sentence that stays on the terminal; a brief one is cut to one line, for the report has the rest. */
export interface Said extends Line {
  brief?: boolean;
}

const drawEveryMs = 1_000;
/** Of what was said, for a terminal whose size changes. */
const mostKept = 200;
/** A line that goes on is indented to the text of the first, after its time, sign and step. */
const beforeText = /^([\d:]+ . \S* +|[ ]*)/;

type Format = Parameters<typeof styleText>[0];
const formats: Partial<Record<Tone, Format>> = {
  strong: 'bold',
  faint: 'gray',
  good: 'green',
  bad: 'red',
  warn: 'yellow',
};

/**
 * A terminal on which what is so now is drawn below what was said before. Undefined where it cannot be: what is written
 * goes into a file, or the terminal moves no cursor.
 */
export async function openScreen(stream: { isTTY?: boolean }): Promise<LiveScreen | undefined> {
  if (!stream.isTTY || process.env.TERM === 'dumb') return undefined;
  const { createLogUpdate } = await import('log-update');
  const terminal = stream as NodeJS.WriteStream;
  return new LiveScreen(terminal, createLogUpdate(terminal));
}

type LogUpdate = ReturnType<typeof import('log-update')['createLogUpdate']>;

export class LiveScreen {
  private view: RunView | undefined;
  private question: (() => string) | undefined;
  private kept: Said[] = [];
  private underneath = new Underneath();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly log: LogUpdate,
  ) {}

  /** From now on this run is drawn. */
  follow(view: RunView, underneath: Underneath): void {
    this.view = view;
    this.underneath = underneath;
    this.stream.on('resize', this.afterResize);
    this.timer ??= setInterval(() => this.draw(), drawEveryMs).unref();
    this.draw();
  }

  /** Whether a run is being drawn. */
  get isLive(): boolean {
    return this.view !== undefined;
  }

  /** Writes what stays. */
  say(said: Said): void {
    this.kept = [...this.kept, said].slice(-mostKept);
    if (this.view) this.log.clear();
    this.stream.write(`${this.linesOf(said).join('\n')}\n`);
    this.draw();
  }

  /** A question below all else, drawn with what was typed so far; undefined when it is over. */
  ask(question: (() => string) | undefined): void {
    this.question = question;
    this.draw();
  }

  draw(): void {
    if (!this.view) return;
    const lines = this.frame(this.view).map((line) => this.painted(line));
    if (this.question) lines.push(this.question());
    this.log(lines.join('\n'));
  }

  /** What was drawn last goes, and what was said stays. */
  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.stream.off('resize', this.afterResize);
    if (!this.view) return;
    this.view = undefined;
    this.log.clear();
    this.log.done();
  }

  private frame(view: RunView): Line[] {
    const live = view.live();
    const { columns, rows } = this.size;
    // A row for the question and one for the cursor.
    return liveLines(live, this.underneath.lately(live.now), { columns, rows: Math.max(1, rows - 2) });
  }

  private get size() {
    return { columns: this.stream.columns || 80, rows: this.stream.rows || 24 };
  }

  /** A terminal wraps anew what is on it, each in its own way: all that can be seen is written again. */
  private readonly afterResize = () => {
    if (!this.view) return;
    this.log.done();
    cursorTo(this.stream, 0, 0);
    clearScreenDown(this.stream);
    const room = this.size.rows - this.frame(this.view).length - 2;
    const lines = this.kept.flatMap((said) => this.linesOf(said));
    const last = room > 0 ? lines.slice(-room) : [];
    if (last.length > 0) this.stream.write(`${last.join('\n')}\n`);
    this.draw();
  };

  private linesOf({ text: said, tone, brief = false }: Said): string[] {
    const { columns } = this.size;
    // Where there is no room for columns nothing is put into any.
    const text = columns < wide ? said.replace(/(\S) {2,}/g, '$1 ') : said;
    const lines = brief ? [cut(text, columns)] : wrapped(text, columns, beforeText.exec(text)![0].length);
    return lines.map((line) => this.painted({ text: line, tone }));
  }

  /** Without colour where NO_COLOR is set, as Node's own answer has it. */
  private painted({ text, tone }: Line): string {
    const format = formats[tone];
    return format && this.stream.hasColors() ? styleText(format, text) : text;
  }
}
