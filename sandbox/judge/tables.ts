import type { Client } from 'pg';

export async function exists(client: Client, table: string): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS known', [table]);
  return rows[0].known;
}
