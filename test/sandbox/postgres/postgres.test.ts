import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Cluster } from '../../../sandbox/postgres/cluster';
import { Postgres } from '../../../sandbox/postgres/postgres';

const home = path.join(os.tmpdir(), `sandbox-postgres-${process.getuid?.()}`);

let postgres: Postgres;
let source: Cluster;

beforeAll(async () => {
  postgres = await Postgres.open();
  source = await postgres.create();
});
afterAll(() => postgres.stop());

async function ask<Row>(cluster: Cluster, sql: string): Promise<Row[]> {
  const client = await cluster.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a cluster is PostgreSQL 17 in UTF-8, with rdsadmin as its superuser', async () => {
  const [row] = await ask(
    source,
    `select current_user as who, current_setting('is_superuser') as super,
            current_setting('server_version_num')::int / 10000 as major, current_setting('server_encoding') as encoding`,
  );
  expect(row).toEqual({ who: 'rdsadmin', super: 'on', major: 17, encoding: 'UTF8' });
});

test('a cluster listens on loopback alone and refuses a wrong password', async () => {
  const [row] = await ask<{ listen: string }>(source, `select current_setting('listen_addresses') as listen`);
  expect(row?.listen).toBe('127.0.0.1');
  await expect(source.connectAs('rdsadmin', 'wrong', 'postgres')).rejects.toThrow(
    'password authentication failed',
  );
});

test('a copy of a running cluster has all that was committed before it and a prefix of what a writer writes', async () => {
  await ask(
    source,
    'create table events (i int); create table bulk as select i from generate_series(1, 100000) i',
  );
  const writer = await source.connect();
  let writing = true;
  let written = 0;
  const writes = (async () => {
    while (writing) await writer.query('insert into events values ($1)', [++written]);
  })();
  while (written < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  const before = written - 1;
  const folder = await postgres.copyOf(source);
  const after = written;
  await new Promise((resolve) => setTimeout(resolve, 50));
  writing = false;
  await writes;
  await writer.end();

  const copy = await postgres.clusterFrom(folder);
  await copy.start();
  const [row] = await ask<{ n: number; last: number; bulk: number }>(
    copy,
    'select count(*)::int as n, max(i) as last, (select count(*)::int from bulk) as bulk from events',
  );
  expect(row?.bulk).toBe(100_000);
  expect(row?.n).toBe(row?.last);
  expect(row?.n).toBeGreaterThanOrEqual(before);
  expect(row?.n).toBeLessThanOrEqual(after);
  expect(written).toBeGreaterThan(after);
});

test('what is committed after a copy is not in it, and one copy serves several clusters', async () => {
  await ask(source, 'create table later (i int)');
  const folder = await postgres.copyOf(source);
  await ask(source, 'insert into later values (1)');
  for (const copy of [await postgres.clusterFrom(folder), await postgres.clusterFrom(folder)]) {
    await copy.start();
    expect(await ask(copy, 'select i from later')).toEqual([]);
  }
});

test('a stopped cluster starts again with its data', async () => {
  const cluster = await postgres.create();
  await ask(cluster, 'create table kept as select 1 as i');
  await cluster.stop();
  expect(cluster.running).toBe(false);
  await cluster.start();
  expect(await ask(cluster, 'select i from kept')).toEqual([{ i: 1 }]);
});

test('the servers and files of a killed sandbox are cleared at the next start', async () => {
  const script = `
    require('ts-node').register({ swc: true, transpileOnly: true });
    const { Postgres } = require('./sandbox/postgres/postgres');
    Postgres.open().then((p) => p.create()).then((c) => { console.log(c.port + ' ' + c.folder); setInterval(() => {}, 1000); });`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: path.join(__dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data))),
  );
  const folder = line.trim().split(' ')[1] as string;
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const pid = Number(readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
  expect(isAlive(pid)).toBe(true);

  const next = await Postgres.open();
  await next.stop();
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test('a cluster that is stopped while it starts does not run afterwards', async () => {
  const cluster = await postgres.create();
  await cluster.stop();
  const starting = cluster.start();
  await cluster.stop('immediate');
  await expect(starting).rejects.toThrow('it was stopped meanwhile');
  expect(cluster.running).toBe(false);
});

test('stopping leaves no folder behind', async () => {
  const own = () => readdirSync(home).filter((name) => name.startsWith(`${process.pid}-`)).length;
  const before = own();
  const other = await Postgres.open();
  await other.create();
  expect(own()).toBe(before + 1);
  await other.stop();
  expect(own()).toBe(before);
});
