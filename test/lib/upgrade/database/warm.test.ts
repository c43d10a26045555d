import { setImmediate } from 'node:timers/promises';
import { PreconditionError } from '../../../../lib/runbook/errors';
import { warm } from '../../../../lib/upgrade/database/warm';
import type { Ports } from '../../../../lib/upgrade/ports';
import { at, cobalt, original } from '../../../support/upgrade';
import { endpointOf, rejection, UpgradeWorld } from '../../../support/upgrade-world';

const blue = original('blue').endpoint!;
const green = endpointOf('cobalt-production-green');
let world: UpgradeWorld;
let untouched: string;

/** Tables, names and indexes that an application may have besides the usual. */
const unusual = `
  CREATE SCHEMA "Old Data";
  CREATE TABLE "Old Data"."With 'Space%s" ("Id $do$" integer PRIMARY KEY, t text);
  CREATE TABLE logs (id bigint, year integer, note varchar(20)) PARTITION BY RANGE (year);
  CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM (2026) TO (2027);
  CREATE INDEX logs_year ON logs (year DESC NULLS LAST, id);
  CREATE INDEX logs_recent ON logs (id) INCLUDE (note) WHERE year > 2025;
  CREATE INDEX logs_note ON logs (note);
  CREATE INDEX logs_note_like ON logs (note varchar_pattern_ops);
  CREATE INDEX logs_note_c ON logs (note COLLATE "C");
  CREATE INDEX logs_lower ON logs (lower(note));
  CREATE INDEX logs_hash ON logs USING hash (id);
  INSERT INTO logs SELECT n, 2026, 'note ' || n FROM generate_series(1, 5000) n;
  INSERT INTO "Old Data"."With 'Space%s" VALUES (1, 'a');
  CREATE MATERIALIZED VIEW unfilled AS SELECT 1 WITH NO DATA;
  ANALYZE`;
/** The indexes that have no order, or hold an expression. */
const unread = ['logs_2026_id_idx', 'logs_2026_lower_idx'];

beforeAll(async () => {
  world = await UpgradeWorld.open();
  await world.query(blue, (client) => client.query(unusual));
  world.relaunch();
  untouched = await world.copyOf(blue);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.clusters.get(green)?.stop('immediate');
  world.record = at(cobalt, { live: 'blue', access: 'frozen' }, { migrated: false });
  world.relaunch();
  await world.restoreTo(green, untouched);
});

const rows = async (endpoint: string, text: string) =>
  (await world.query(endpoint, (client) => client.query(text))).rows;

/** The world, which notes what the scripts print, one of which may not be run. */
function noting(refused?: string) {
  const ran: { script: string; lines: string[] }[] = [];
  const run: Ports['instances']['run'] = async (id, script, args, options) => {
    if (script === refused)
      throw new PreconditionError('INSTANCE_UNREACHABLE', { so: `${id} is unreachable.`, next: '' });
    const result = await world.ports.instances.run(id, script, args, options);
    ran.push({ script, lines: result.stdout.split('\n').filter(Boolean) });
    return result;
  };
  const ports = { ...world.ports, instances: { ...world.ports.instances, run } };
  return { ports, lines: (script: string) => ran.find((each) => each.script === script)!.lines };
}

/** Warms, the largest tables first, while somebody holds one; once it waits for it, `meanwhile` happens. */
async function whileHeld(
  table: string,
  meanwhile: (ask: (text: string) => Promise<unknown>) => Promise<unknown>,
) {
  return world.query(green, async (client) => {
    await client.query(`BEGIN; LOCK TABLE ${table}`);
    let ended = false;
    const warming = warm(noting('count-reads').ports).finally(() => {
      ended = true;
    });
    while (!ended && (await client.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount === 0)
      await setImmediate();
    await meanwhile((text) => client.query(text));
    return warming;
  });
}

/** How many there are to read, of which a table has so many indexes. */
async function census(table: string) {
  const [counted] = await rows(
    green,
    `SELECT (SELECT count(*)::int FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)') AS tables,
      (SELECT count(*)::int - ${unread.length} FROM pg_stat_user_indexes) AS indexes,
      (SELECT count(*)::int FROM pg_index WHERE indrelid = '${table}'::regclass) AS own`,
  );
  return counted as { tables: number; indexes: number; own: number };
}

describe('warming a copy', () => {
  it('reads every table, and every index that has an order and no expression', async () => {
    const { tables, indexes } = await census('accounts_user');
    expect(await warm(world.ports)).toEqual({
      already: false,
      database: 'cobalt-production-green',
      tables,
      indexes,
      partly: 0,
    });
    expect(tables).toBeGreaterThan(25);
    expect(
      await rows(
        green,
        `SELECT c.relname FROM pg_stat_user_tables JOIN pg_class c ON c.oid = relid
          WHERE coalesce(seq_scan, 0) = 0 AND relkind = 'r'`,
      ),
    ).toEqual([]);
    expect(
      (
        await rows(
          green,
          'SELECT indexrelname AS name FROM pg_stat_user_indexes WHERE idx_scan = 0 ORDER BY 1',
        )
      ).map(({ name }) => name),
    ).toEqual(unread);
  });

  it('may be repeated', async () => {
    const first = await warm(world.ports);
    expect(await warm(world.ports)).toEqual(first);
  });

  it('writes nothing, whatever reading it would call', async () => {
    await rows(
      green,
      `CREATE FUNCTION noted() RETURNS boolean LANGUAGE sql AS 'INSERT INTO logs VALUES (0, 2026); SELECT true';
      CREATE POLICY noting ON utils_lock USING (noted());
      ALTER TABLE utils_lock ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    );
    const error = await rejection(warm(world.ports));
    expect(error).toMatchObject({ code: 'SCRIPT_FAILED', exitCode: 4 });
    expect(await world.count(green, 'logs')).toBe(5000);
  });
});

describe('the order', () => {
  const tablesOf = (lines: string[]) => lines.flatMap((line) => /^table \w+ (.*)/.exec(line)?.[1] ?? []);

  it('is that of their use in the source, each table with its indexes', async () => {
    await rows(
      blue,
      `INSERT INTO "Old Data"."With 'Space%s" SELECT n FROM generate_series(2, 50000) n;
      DELETE FROM "Old Data"."With 'Space%s" WHERE "Id $do$" > 1`,
    );
    const { ports, lines } = noting();
    await warm(ports);
    const used = lines('count-reads');
    expect(used[0]).toBe(`"Old Data"."With 'Space%s"`);
    expect(used.length).toBeGreaterThan(15);
    const read = lines('warm');
    expect(read.slice(0, 2)).toEqual([
      `table whole "Old Data"."With 'Space%s"`,
      `index whole "Old Data"."With 'Space%s_pkey"`,
    ]);
    const inBoth = new Set(tablesOf(read));
    expect(tablesOf(read).slice(0, 15)).toEqual(used.filter((name) => inBoth.has(name)).slice(0, 15));
  });

  it('is that of their size when the source cannot be asked', async () => {
    const { ports, lines } = noting('count-reads');
    await warm(ports);
    const sizes = await rows(
      green,
      `SELECT format('%I.%I', schemaname, c.relname) AS name, relpages AS size FROM pg_stat_user_tables JOIN pg_class c ON c.oid = relid`,
    );
    const sizeOf = (table: string) => Number(sizes.find(({ name }) => name === table)!.size);
    const read = tablesOf(lines('warm')).map(sizeOf);
    expect(read).toEqual([...read].sort((a, b) => b - a));
    expect(world.said).toContainEqual(expect.stringMatching(/^the largest tables first: .*unreachable/));
  });
});

describe('what happens meanwhile', () => {
  it('a table that somebody keeps locked is passed by', async () => {
    const { tables, indexes, own } = await census('logs_2026');
    let result: unknown;
    await world.query(green, async (client) => {
      await client.query('BEGIN; LOCK TABLE utils_lock');
      result = await warm(world.ports);
    });
    const held = (await census('utils_lock')).own;
    expect(own).toBeGreaterThan(held);
    expect(result).toMatchObject({ tables, indexes, partly: 1 + held });
  });

  it('a statement that is cut off, as by its time limit, is read partly', async () => {
    const { tables, indexes } = await census('logs_2026');
    const cutOff = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'upgrade' AND wait_event_type = 'Lock'`;
    const result = await whileHeld('logs_2026', async (ask) => {
      await ask(cutOff);
      await ask('ROLLBACK');
    });
    expect(result).toMatchObject({ tables, indexes, partly: 1 });
  });

  it('a table that is dropped is none, and neither are its indexes', async () => {
    const { tables, indexes, own } = await census('"Old Data"."With \'\'Space%s"');
    const result = await whileHeld('logs_2026', async (ask) => {
      await rows(green, 'DROP SCHEMA "Old Data" CASCADE');
      await ask('ROLLBACK');
    });
    expect(own).toBe(1);
    expect(result).toMatchObject({ tables: tables - 1, indexes: indexes - own });
  });
});
