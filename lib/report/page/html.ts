/** Markup. Whatever else stands in a template is text of somebody's, and is escaped. */
export class Html {
  constructor(readonly markup: string) {}

  toJSON(): string {
    return this.markup;
  }
}

export type Part = Html | string | number | undefined | false | Part[];

/** Attributes must be quoted where they are written: what is given cannot get out of the quotes. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  const markup = strings.map((each, index) => (index === 0 ? each : markupOf(parts[index - 1]) + each));
  return new Html(markup.join(''));
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (Array.isArray(part)) return part.map(markupOf).join('');
  if (part === undefined || part === false) return '';
  return String(part).replace(/[&<>"']/g, (character) => entities[character]!);
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
