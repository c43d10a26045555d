import fc from 'fast-check';

/** How often a property is tried. `FUZZ_RUNS=1000 npx jest FILE` tries it longer. */
export const tries = (few: number) => ({ numRuns: Number(process.env.FUZZ_RUNS ?? few) });
/** For those that ask a database: the first case that fails is told as it is, for a simpler one takes minutes to find. */
export const slowTries = (few: number) => ({ ...tries(few), endOnFailure: true });

/** Pieces that mean something to a shell, to psql, to SQL, to a reader of lines, or to Systems Manager. */
const pieces = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    "''",
    '""',
    '$$',
    '$',
    '&',
    ';',
    '|',
    '<',
    '>',
    '*',
    '?',
    '~',
    '#',
    '!',
    '%',
    '{',
    '{{',
    '}}',
  ],
  ...[
    ' ',
    '  ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '\u001f',
    '\u001b[2J',
    '\u007f',
    '\u2028',
    '\u202e',
    '\ufeff',
    ',',
  ],
  ...[
    '$(touch /tmp/forged)',
    '`id`',
    '${PATH}',
    '$((1/0))',
    '%s%n',
    '%',
    '-',
    '--',
    '-c',
    '\\n',
    '\\!',
    '\\.',
    '\\q',
  ],
  ...[
    "'; DROP TABLE accounts_user; --",
    '"; DROP TABLE accounts_user; --',
    "\\'; SELECT 1; --",
    '/*',
    '*/',
    ':',
    '::',
  ],
  ...[
    ":'writer'",
    ':"writer"',
    ':writer',
    ':{?writer}',
    '$do$',
    "E'",
    'NULL',
    '0',
    '1',
    'é',
    'ß',
    '漢字',
    '🂡',
    'a\u0301',
  ],
  ...[
    '{{ssm:/cobalt/production/secrets/RDS_PASSWORD}}',
    '{{{',
    '\nleft 0',
    '\nended 0',
    '\nrefused 99',
    '\nrows x 1',
  ],
  ...[
    '\ntracking on',
    '\nprocess 1',
    'greatest',
    'public.',
    'pg_',
    '=1+1',
    '@SUM(1)',
    '</td><script>',
    '&lt;',
    '<!--',
  ],
];

/** Any text that is one: no half of a character. */
export const anyText = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

/** What a text of the database may be, as far as `psql` prints it: it leaves out what Unicode calls no character. */
export const storedText = anyText.map((text) => text.replaceAll(/[\0\p{Noncharacter_Code_Point}]/gu, ''));

/**
 * Without a unit separator, which the scripts write for a new line. A table with one in its name is told apart from others,
 * but is not warmed; a column whose greatest value holds one has rows counted that are not new.
 */
export const plainText = storedText.map((text) => text.replaceAll('\u001f', ''));

/** What a table may be called: PostgreSQL cuts a name to 63 bytes, and keeps some for itself. */
export const storedName = plainText
  .map(cut)
  .filter((name) => name !== '' && !/^pg_|^information_schema$/.test(name));

function cut(text: string): string {
  let name = '';
  for (const character of text) if (Buffer.byteLength(name + character) <= 63) name += character;
  return name;
}

/** Different ones. */
export const several = <T>(each: fc.Arbitrary<T>, maxLength = 6) =>
  fc.uniqueArray(each, { minLength: 1, maxLength });
