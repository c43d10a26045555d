import type { ServerMessage } from './session';

/** The widest part of a line that psql shows, and how much of it must follow the place of the error. */
const displaySize = 60;
const minimumRight = 10;

/** An error or a notice as psql writes it, with the line of the statement where the server found it. */
export function written(message: ServerMessage, statement: string): string {
  const lines = [`${message.severity ?? 'ERROR'}:  ${message.message}`];
  if (message.position !== undefined) lines.push(...pointer(statement, Number(message.position)));
  if (message.detail !== undefined) lines.push(`DETAIL:  ${message.detail}`);
  if (message.hint !== undefined) lines.push(`HINT:  ${message.hint}`);
  if (message.internalQuery !== undefined) lines.push(`QUERY:  ${message.internalQuery}`);
  if (message.where !== undefined && /^(ERROR|FATAL|PANIC)$/.test(message.severity ?? ''))
    lines.push(`CONTEXT:  ${message.where}`);
  return `${lines.join('\n')}\n`;
}

/** `LINE 2: ...` and a caret below the character; long lines are cut to what surrounds it. */
function pointer(statement: string, position: number): string[] {
  const characters = [...statement];
  const place = Math.min(position - 1, characters.length);
  let start = place;
  while (start > 0 && characters[start - 1] !== '\n') start--;
  let end = place;
  while (end < characters.length && characters[end] !== '\n') end++;
  const lineNumber = characters.slice(0, start).filter((character) => character === '\n').length + 1;
  const lineStart = start;
  const lineEnd = end;
  if (end - start > displaySize) {
    if (place + minimumRight <= start + displaySize) end = start + displaySize;
    else {
      end = Math.min(end, place + minimumRight);
      start = Math.max(start, end - displaySize);
    }
  }
  const head = `LINE ${lineNumber}: ${start > lineStart ? '...' : ''}`;
  const shown = characters.slice(start, end).join('').replaceAll('\t', ' ');
  const tail = end < lineEnd ? '...' : '';
  return [`${head}${shown}${tail}`, `${' '.repeat(head.length + place - start)}^`];
}
