import type { Data } from './data';

type Answer = (data: Data, found: RegExpExecArray, values: unknown[]) => object[];

const nothing: Answer = () => [];

/** The statements that are put to a server past all rules: by whoever makes its roles, and by whoever judges. */
const answers: [RegExp, Answer][] = [
  [/^\s*create role rds_superuser/, nothing],
  [
    /^create role "(\w+)" login createdb createrole$/,
    (data, [, name]) => {
      data.logins.set(name!, { password: '', reads: false });
      return [];
    },
  ],
  [
    /^alter role "(\w+)" password '(.*)'$/s,
    (data, [, name, password]) => {
      data.logins.get(name!)!.password = password!;
      return [];
    },
  ],
  [/^grant rds_superuser to/, nothing],
  [/^alter database postgres owner to/, nothing],
  [
    /^create database "(\w+)" owner/,
    (data, [, name]) => {
      data.name = name!;
      return [];
    },
  ],
  [
    /^SELECT to_regclass\(\$1\) IS NOT NULL AS known$/,
    (data, _, [table]) => [{ known: data.has(String(table)) }],
  ],
  [
    /^SELECT session_key AS key FROM (\w+)$/,
    (data, [, table]) => data.rows(table!).map(({ id }) => ({ key: id })),
  ],
  [
    /^SELECT app \|\| '\.' \|\| name AS name FROM (django_migrations)$/,
    (data, [, table]) => data.rows(table!).map(({ name }) => ({ name })),
  ],
  [
    /^SELECT count\(\*\)::int AS people FROM (\w+) o\s+WHERE o\.first_name IS NOT NULL.*NOT EXISTS \(SELECT FROM (\w+) u/s,
    (data, [, unregistered, users]) => {
      const taken = new Set(
        data.rows(users!).flatMap((row) => [String(row.system_number), String(row.username)]),
      );
      const people = data
        .rows(unregistered!)
        .filter(
          (row) => row.first_name !== null && row.last_name !== null && !taken.has(String(row.system_number)),
        );
      return [{ people: people.length }];
    },
  ],
  [
    /^SELECT count\(\*\)::int AS left FROM (\w+) WHERE session_key = ANY \(\$1\)$/,
    (data, [, table], [keys]) => [
      { left: (keys as string[]).filter((key) => data.find(table!, key)).length },
    ],
  ],
  [
    /^SELECT (\w+)::text AS id FROM (\w+) WHERE \w+ = ANY \(\$1\)$/,
    (data, [, , table], [ids]) => {
      const wanted = new Set((ids as unknown[]).map(String));
      return data
        .rows(table!)
        .filter(({ id }) => wanted.has(String(id)))
        .map(({ id }) => ({ id: String(id) }));
    },
  ],
];

/** @throws Error for a statement that is not modelled */
export function answerTo(data: Data, text: string, values: unknown[]): object[] {
  for (const [form, answer] of answers) {
    const found = form.exec(text);
    if (found) return answer(data, found, values);
  }
  throw new Error(`The simulation does not model this statement: ${text}`);
}
