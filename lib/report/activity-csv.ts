import type { Settings } from '../settings';
import type { Activity } from './activity';

const columns = ['kind', 'table', 'key', 'at', 'number', 'amount', 'what', 'tester'] as const;

/** A line a row, for spreadsheets: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180. */
export function activityCsv({ activity: settings }: Settings, { rows }: Activity): string {
  const kinds = new Map((settings?.tables ?? []).map(({ table, kind }) => [table, kind]));
  const testers = new Set(settings?.testers);
  const lines = rows.map((row) => {
    const tester = row.number !== null && testers.has(row.number) ? 'yes' : 'no';
    const told = { ...row, kind: kinds.get(row.table) ?? '', tester };
    return columns.map((column) => cell(told[column] ?? '')).join(',');
  });
  return [columns.join(','), ...lines, ''].join('\r\n');
}

/**
 * What begins like a formula, and is no number, would be one for a spreadsheet: people wrote these texts. Some programs take
 * wide signs for the usual ones, and leave out what is not seen before them.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function cell(text: string): string {
  const isFormula = /^[\t\r\n]|^[\s\p{C}]*[=+\-@＝＋－＠]/u.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  return `"${(isFormula ? `'${text}` : text).replaceAll('"', '""')}"`;
}
