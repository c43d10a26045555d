import { UnmodelledCommand } from '../stand-in';

export interface Statement {
  text: string;
  /** The line of the script on which it ended. */
  line: number;
  /** The script's lines up to `\.`, where the statement copies from standard input. */
  copied?: string;
}

/** What is one piece to psql: it neither ends a statement nor holds a variable. */
const pieces = [
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /\$([A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$[\s\S]*?\$\1\$/y,
  /--[^\n]*/y,
];
const escapeString = /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y;
const word = /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*|\d[\w.]*/y;
const variable =
  /:(?:'([\w\x80-\uffff]+)'|"([\w\x80-\uffff]+)"|([\w\x80-\uffff]+)|\{\?([\w\x80-\uffff]+)\})/y;
const copyFromStdin = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i;

/** Splits a script as psql does, with its variables put in. Commands that begin with a backslash are refused. */
export class Splitter {
  private at = 0;
  private line = 1;

  constructor(
    private source: string,
    private readonly variables: Map<string, string>,
  ) {}

  *statements(): Generator<Statement> {
    for (;;) {
      const text = this.next();
      if (text === undefined) return;
      const statement: Statement = { text, line: this.line };
      if (copyFromStdin.test(text)) statement.copied = this.copied();
      yield statement;
    }
  }

  private next(): string | undefined {
    let text = '';
    let depth = 0;
    while (this.at < this.source.length) {
      const char = this.source[this.at] as string;
      const piece = this.piece();
      if (piece !== undefined) {
        const isBlank = piece.startsWith('--');
        if (text !== '' || !isBlank) text += piece;
        continue;
      }
      if (char === '\\')
        throw new UnmodelledCommand(`the psql command ${this.source.slice(this.at).split('\n')[0]}`);
      if (char === ':' && this.interpolate()) continue;
      if (char === ':' && this.source[this.at + 1] === ':') {
        text += '::';
        this.at += 2;
        continue;
      }
      this.at++;
      if (char === '\n') this.line++;
      if (char === '(') depth++;
      if (char === ')') depth--;
      if (text === '' && /\s/.test(char)) continue;
      text += char;
      if (char === ';' && depth === 0) {
        if (text !== ';') return text;
        text = '';
      }
    }
    return text.trim() === '' ? undefined : text;
  }

  /** A string, a quoted name, a comment or a word, taken whole. */
  private piece(): string | undefined {
    if (this.source.startsWith('/*', this.at)) return this.take(this.commentEnd());
    for (const pattern of [escapeString, ...pieces, word]) {
      pattern.lastIndex = this.at;
      const match = pattern.exec(this.source);
      if (match) return this.take(this.at + match[0].length);
    }
    // A quote that is never closed takes the rest with it; the server will complain.
    if (/['"]/.test(this.source[this.at] as string)) return this.take(this.source.length);
    return undefined;
  }

  private commentEnd(): number {
    let depth = 0;
    for (let at = this.at; at < this.source.length; at++) {
      const two = this.source.slice(at, at + 2);
      if (two === '/*') depth++;
      if (two === '*/') depth--;
      if (two === '/*' || two === '*/') at++;
      if (depth === 0) return at + 1;
    }
    return this.source.length;
  }

  private take(end: number): string {
    const piece = this.source.slice(this.at, end);
    this.line += piece.split('\n').length - 1;
    this.at = end;
    return piece;
  }

  /** Puts a variable's value in its place; one that is not set stays as it is written. */
  private interpolate(): boolean {
    variable.lastIndex = this.at;
    const match = variable.exec(this.source);
    if (!match || this.source[this.at - 1] === ':') return false;
    const [written, literal, identifier, plain, asked] = match;
    const value = this.variables.get((literal ?? identifier ?? plain ?? asked) as string);
    if (asked === undefined && value === undefined) return false;
    const inserted =
      asked !== undefined
        ? String(value !== undefined).toUpperCase()
        : quoted(value as string, literal, identifier);
    this.source = this.source.slice(0, this.at) + inserted + this.source.slice(this.at + written.length);
    return true;
  }

  private copied(): string {
    const lineEnd = this.source.indexOf('\n', this.at);
    const start = lineEnd === -1 ? this.source.length : lineEnd + 1;
    const end = /^\\\.\r?$/m.exec(this.source.slice(start));
    const data = this.source.slice(start, end ? start + end.index : undefined);
    this.line += 1 + data.split('\n').length - 1;
    this.at = end ? start + end.index + end[0].length : this.source.length;
    return data;
  }
}

function quoted(value: string, literal: string | undefined, identifier: string | undefined): string {
  if (identifier !== undefined) return `"${value.replaceAll('"', '""')}"`;
  if (literal === undefined) return value;
  const doubled = value.replaceAll("'", "''");
  return value.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}
