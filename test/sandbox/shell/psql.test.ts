import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Cluster } from '../../../sandbox/postgres/cluster';
import { Postgres } from '../../../sandbox/postgres/postgres';
import { Shell } from '../../../sandbox/shell/shell';
import type { Instance } from '../../../sandbox/world';
import { fakeInstance, fakeWorld } from './fake-world';
import { runScript } from './run-script';

let postgres: Postgres;
let cluster: Cluster;
let instance: Instance;
let shell: Shell;
const endpoint = 'cobalt-production-green.example.ap-southeast-2.rds.amazonaws.com';
const world = fakeWorld({
  databases: {
    connectionTo: (name) => (name === endpoint ? { host: '127.0.0.1', port: cluster.port } : undefined),
  },
});

beforeAll(async () => {
  postgres = await Postgres.open();
  cluster = await postgres.create();
  const client = await cluster.connect();
  await client.query("CREATE ROLE writer LOGIN SUPERUSER PASSWORD 'it''s \"open\"'");
  await client.end();
  instance = fakeInstance(world);
  shell = new Shell({ world });
});

afterAll(async () => {
  shell.close();
  world.remove();
  await postgres?.stop();
});

const connection = `export PGHOST=${endpoint} PGPORT=5432 PGUSER=writer PGDATABASE=postgres PGPASSWORD='it'"'"'s "open"'\n`;
const run = (script: string) => runScript(world, shell, instance, connection + script);

interface Case {
  args: string[];
  input?: string;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** The same through the stand-in and, where this machine has one, through the real psql. */
async function both({ args, input = '' }: Case) {
  fs.mkdirSync(path.join(instance.folder, 'tmp'), { recursive: true });
  fs.writeFileSync(path.join(instance.folder, 'tmp/input'), input);
  fs.writeFileSync(path.join(instance.folder, 'file.sql'), input);
  const ours = await run(`psql ${args.map(quote).join(' ')} </tmp/input`);
  const env = {
    PATH: process.env.PATH,
    PGHOST: '127.0.0.1',
    PGPORT: String(cluster.port),
    PGUSER: 'writer',
    PGDATABASE: 'postgres',
    PGPASSWORD: 'it\'s "open"',
  };
  const real = spawnSync('psql', args, { env, input, encoding: 'utf8', cwd: instance.folder });
  const theirs = real.error ? undefined : { code: real.status, stdout: real.stdout, stderr: real.stderr };
  return { ours, theirs: theirs ?? ours };
}

const plain = ['-X', '-A', '-t', '-q'];
const strict = [...plain, '-v', 'ON_ERROR_STOP=1'];

const cases: Record<string, Case> = {
  'rows, nulls and types': {
    args: plain,
    input: "SELECT 1, NULL, 'a|b', true, now() IS NULL, ARRAY[1,2];\nSELECT;",
  },
  'rows that end with a zero': {
    args: [...plain, '-0'],
    input: "SELECT E'a\\nb', 1 UNION ALL SELECT '', NULL; SELECT 2 WHERE false; SELECT 3;",
  },
  'another separator': { args: [...plain, '-F', '\t'], input: 'SELECT 1, 2' },
  'tags without -q': {
    args: ['-X', '-A', '-t'],
    input:
      'CREATE TEMP TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 3) RETURNING a;\nUPDATE t SET a = 0;\nDO $$ BEGIN END $$;\nSELECT 5;',
  },
  'headers without -t': { args: ['-XAq'], input: 'SELECT 1 AS one, 2 AS two; SELECT 1 WHERE false;' },
  variables: {
    args: [
      ...plain,
      '-v',
      "name=O'Neil",
      '-v',
      'back=a\\b',
      '-v',
      'n=5',
      '-v',
      'col=Odd "one"',
      '-v',
      'empty=',
    ],
    input: `SELECT :'name', :'back', :n + 1, ':n', 'x'::text, 1 AS :"col", :'empty', :{?n}, :{?none} -- :n
      , /* :n /* nested */ */ $$ :n $$, $a$ :'n' $a$, E'it\\':n', "max".n FROM (SELECT 7 AS n) AS "max";
      SELECT (ARRAY[1,2,3])[1:2], array[1,2,3];`,
  },
  'statements that hold semicolons': {
    args: plain,
    input: "SELECT ';', $$;$$ /* ; */ -- ;\n;;\nDO $body$ BEGIN PERFORM 1; END $body$;\nSELECT 2 \n",
  },
  'an error goes on without ON_ERROR_STOP': { args: plain, input: 'SELECT 1;\nSELECT nope;\nSELECT 2;' },
  'an error stops with it': {
    args: strict,
    input: '\n-- first\nSELECT 1;\n\nSELECT 1,\n  nope\nFROM pg_class;\nSELECT 2;',
  },
  'an error in a file': { args: [...strict, '-f', 'file.sql'], input: '\nSELECT 1;\nSELECT 1 / 0;' },
  'an error from standard input as a file': { args: [...strict, '-f', '-'], input: 'SELECT 1;\nSELEC;' },
  'a file that is not there': { args: [...strict, '-f', 'none.sql'] },
  'a long line with an error': {
    args: strict,
    input: `SELECT ${Array.from({ length: 30 }, (_, i) => `'value ${i}'`).join(', ')}, nope, ${'1, '.repeat(40)} 2;`,
  },
  'an early error in a long line': { args: strict, input: `SELECT nope, ${'1, '.repeat(60)} 2;` },
  'an error with detail, hint and context': {
    args: plain,
    input: `CREATE TEMP TABLE u (a int PRIMARY KEY);
      INSERT INTO u VALUES (1), (1);
      SELECT lenght('a');
      DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'why', HINT = 'do'; END $$;`,
  },
  notices: {
    args: [...plain, '-f', 'file.sql'],
    input:
      "DO $$ BEGIN RAISE NOTICE 'about to'; RAISE WARNING 'mind'; END $$;\nDROP TABLE IF EXISTS nothing;",
  },
  'commands one after the other': { args: [...plain, '-c', 'SELECT 1; SELECT 2', '-c', "SELECT ':n'"] },
  'a failing command': { args: [...strict, '-c', 'SELECT 1; SELECT nope; SELECT 2', '-c', 'SELECT 3'] },
  'one transaction that fails': {
    args: [...strict, '-1', '-f', 'file.sql', '-c', 'SELECT 1'],
    input: 'CREATE TABLE undone (a int);\nSELECT nope;',
  },
  'one transaction left nothing': { args: [...plain, '-c', "SELECT to_regclass('undone') IS NULL"] },
  'copies out': {
    args: plain,
    input: "COPY (SELECT 1, 'a\tb', NULL) TO STDOUT;\nCOPY (SELECT 1, 'x,y') TO STDOUT CSV;",
  },
  'copies in': {
    args: [...plain, '-f', 'file.sql'],
    input:
      'CREATE TEMP TABLE c (a int, b text);\nCOPY c FROM STDIN;\n1\tone; two\n2\t\\N\n\\.\nSELECT * FROM c;\nSELECT nope;',
  },
  'copies standard input': {
    args: [
      ...strict,
      '-c',
      'CREATE TABLE IF NOT EXISTS loaded (a int)',
      '-c',
      'COPY loaded FROM STDIN',
      '-c',
      'SELECT sum(a) FROM loaded',
      '-c',
      'DROP TABLE loaded',
    ],
    input: '1\n2\n',
  },
  'a statement without its semicolon': { args: plain, input: 'SELECT 1;\nSELECT 2\n-- done\n' },
  'letters beyond ASCII': { args: [...plain, '-v', 'v=é'], input: "SELECT :'v', 'ü', nö;" },
};

describe.each(Object.entries(cases))('psql answers as psql does: %s', (_, given) => {
  test('same output, errors and exit code', async () => {
    const { ours, theirs } = await both(given);
    expect(ours).toEqual(theirs);
    expect(ours.stdout + ours.stderr).not.toBe('');
  });
});

describe('psql on an instance', () => {
  test('exits with 2 when nothing listens behind the name', async () => {
    const { code, stderr } = await run("PGHOST=elsewhere psql -XAtq -c 'SELECT 1'");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^psql: error: connection to server at "elsewhere", port 5432 failed: Connection refused/,
    );
  });

  test('exits with 2 for a wrong password', async () => {
    const { code, stderr } = await run("PGPASSWORD=wrong psql -XAtqw -c 'SELECT 1'");
    expect(code).toBe(2);
    expect(stderr).toMatch(/failed: FATAL: {2}password authentication failed for user "writer"\n$/);
  });

  test('exits with 2 when its connection is ended', async () => {
    const { code, stderr } = await run(
      "psql -XAtq -c 'SELECT pg_terminate_backend(pg_backend_pid())' -c 'SELECT 1'",
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/server closed the connection unexpectedly/);
  });

  test('says who it is, and takes the server’s options', async () => {
    const { stdout } = await run(
      `PGAPPNAME=cobalt-upgrade PGOPTIONS='-c default_transaction_read_only=on' psql -XAtq -c "SELECT current_setting('application_name'), current_setting('default_transaction_read_only')"`,
    );
    expect(stdout).toBe('cobalt-upgrade|on\n');
  });

  test('reads a program from standard input and hands on many rows', async () => {
    const { stdout } = await run(
      "psql -XAtq <<'SQL' | wc -l | tr -d ' '\nSELECT generate_series(1, 100000);\nSQL",
    );
    expect(stdout).toBe('100000\n');
  });

  test.each([
    ['psql -XAtq <<<"\\\\dt"', 'the psql command \\dt'],
    ['psql -X -q -c "SELECT 1"', 'psql without -A'],
    ['psql --csv -c "SELECT 1"', 'psql --csv'],
    ['PGSSLMODE=require psql -XAtq -c "SELECT 1"', 'the variable PGSSLMODE of psql'],
    ['psql -XAtq postgresql://x', 'psql postgresql://x'],
  ])('refuses what it does not model: %s', async (script, what) => {
    const { code, stderr } = await run(`${script} || true`);
    expect(stderr).toBe(`sandbox: does not model ${what}\n`);
    expect(code).toBe(127);
  });
});
