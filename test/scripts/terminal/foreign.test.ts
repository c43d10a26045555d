import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { UpgradeError } from '../../../lib/runbook/errors';
import { Postgres } from '../../../sandbox/postgres/postgres';
import { makeRoles } from '../../../sandbox/rds/roles';
import { loadDump } from '../../../scripts/rehearsal/load-dump';
import { onPath } from '../../../scripts/rehearsal/on-path';
import { checkForeign } from '../../../scripts/terminal/foreign';
import { withVariables } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

const folder = mkdtempSync(path.join(tmpdir(), 'foreign-'));
let restore = () => {};
afterEach(() => {
  restore();
  restore = () => {};
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string, mode = 0o644): string {
  const full = path.join(folder, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text, { mode });
  return full;
}

const searchIn = (value: string) => {
  restore();
  restore = withVariables({ PATH: value });
};

/** The error that a call throws, as its code and exit code. */
function refusal(call: () => unknown) {
  try {
    call();
  } catch (error) {
    const { code, exitCode, text } = error as UpgradeError;
    return { code, exitCode, so: text.so };
  }
  throw new Error('It was not refused.');
}

describe('--application', () => {
  test('is a folder with a manage.py', () => {
    expect(refusal(() => checkForeign({ application: folder }, cobalt))).toEqual({
      ...{ code: 'APPLICATION_MISSING', exitCode: 2 },
      so: `${folder} holds no manage.py.`,
    });
  });

  test('uses the virtual environment in it, or else python3 as found on the PATH', () => {
    const application = path.dirname(file('shop/manage.py', ''));
    const python3 = file('bin/python3', '', 0o755);
    searchIn(`/nowhere:${path.dirname(python3)}`);
    expect(checkForeign({ application }, cobalt).python).toMatchObject({ python: python3 });
    const own = file('shop/venv/bin/python', '', 0o755);
    expect(checkForeign({ application }, cobalt).python).toEqual({
      manageDir: application,
      python: own,
      searchPath: process.env.PATH,
      variables: cobalt.variables.database,
    });
    chmodSync(own, 0o644);
    expect(checkForeign({ application }, cobalt).python).toMatchObject({ python: python3 });
    searchIn('/nowhere');
    expect(refusal(() => checkForeign({ application }, cobalt))).toMatchObject({
      code: 'PYTHON_MISSING',
      exitCode: 3,
    });
  });
});

describe('--database', () => {
  test.each([
    ['that is not there', () => path.join(folder, 'nothing.sql'), 'DUMP_MISSING', 2],
    ['that is a folder without an archive', () => folder, 'DUMP_UNREADABLE', 2],
  ])('refuses a file %s', (_, name, code, exitCode) => {
    expect(refusal(() => checkForeign({ database: name() }, cobalt))).toMatchObject({ code, exitCode });
  });

  test.each([
    ['psql', 'plain.sql', 'CREATE TABLE shelf (id int);'],
    ['pg_restore', 'custom.dump', 'PGDMP\u0001'],
    ['pg_restore', 'archive.tar', 'toc.dat\u0000'],
  ])('says that %s is missing for %s', (tool, name, text) => {
    const database = file(name, text);
    searchIn('/nowhere');
    expect(refusal(() => checkForeign({ database }, cobalt))).toEqual({
      ...{ code: 'TOOL_MISSING', exitCode: 3 },
      so: `Loading ${database} needs ${tool}, which is not on the PATH.`,
    });
  });
});

const withTools = onPath('psql') && onPath('pg_restore') ? describe : describe.skip;
withTools('--database with psql and pg_restore on the PATH', () => {
  let postgres: Postgres;
  let port: number;
  const load = (name: string) =>
    loadDump(name)({ host: '127.0.0.1', port, user: 'postgres', password: 'w', name: 'ebdb' });

  beforeAll(async () => {
    postgres = await Postgres.open();
    const cluster = await postgres.create();
    port = cluster.port;
    const superuser = await cluster.connect();
    await makeRoles(superuser, 'postgres', 'w', 'ebdb');
    await superuser.end();
  });
  afterAll(() => postgres.stop());

  test('loads plain SQL with the login that owns the database', async () => {
    await load(file('good.sql', 'CREATE TABLE shelf (id int);\nCOPY shelf FROM stdin;\n1\n2\n\\.\n'));
    const again = load(file('again.sql', 'INSERT INTO shelf VALUES (3); CREATE ROLE other SUPERUSER;'));
    await expect(again).rejects.toMatchObject({ text: { so: expect.stringContaining('permission denied') } });
  });

  test.each([
    [
      'plain SQL',
      'broken.sql',
      'SELECT 1;\nINSERT INTO nothing VALUES (1);',
      'relation "nothing" does not exist',
    ],
    ['an archive', 'broken.dump', 'PGDMP\u0001', 'pg_restore ended with exit code 1: '],
  ])('tells what is wrong with broken %s', async (_, name, text, so) => {
    await expect(load(file(name, text))).rejects.toMatchObject({
      ...{ code: 'DUMP_NOT_LOADED', exitCode: 3 },
      text: { so: expect.stringContaining(so) },
    });
  });
});
