import type { Stage } from './stage';

/** A hash of the rows of each table of a database. */
export async function everyRow(stage: Stage, database: string): Promise<Record<string, string>> {
  const tables = await stage.query(
    database,
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  const hashes = tables.map(
    ({ relname }) =>
      `SELECT '${relname}' AS name, md5(string_agg(t::text, '|' ORDER BY t::text)) AS hash FROM "${relname}" t`,
  );
  const rows = await stage.query(database, hashes.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}
