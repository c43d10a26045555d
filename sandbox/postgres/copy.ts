import { constants } from 'node:fs';
import { chown, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Account } from './account';
import type { Server } from './servers';

/** Folders whose contents a server makes anew, and which a copy must not carry over. */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const leftOut = /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*)$/;

/** Copies the data folder of a cluster that is stopped, or of a finished copy. */
export async function copyFolder(from: string, to: string, account: Account): Promise<void> {
  await copyTree(from, to, account, (name) => name !== 'postmaster.pid');
}

/**
 * Copies a running cluster while writers go on. Started on the copy, a server recovers to the moment at which
 * this resolves: all that was committed when it was called is there, and nothing that was begun after it.
 * https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export async function copyOf(cluster: Server, to: string, account: Account): Promise<void> {
  const client = await cluster.connect();
  try {
    await client.query("select pg_backup_start('copy', fast => true)");
    await copyTree(cluster.folder, to, account, (name) => !leftOut.test(name), emptied);
    await copyOne(
      path.join(cluster.folder, 'global/pg_control'),
      path.join(to, 'global/pg_control'),
      account,
    );
    const { rows } = await client.query(
      'select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(wait_for_archive => false)',
    );
    const { label, last } = rows[0] as { label: string; last: string };
    await copyLog(cluster, to, account, /\(file ([0-9A-F]{24})\)/.exec(label)?.[1] ?? '', last);
    await writeFile(path.join(to, 'backup_label'), label, { mode: 0o600 });
    await giveTo(account, path.join(to, 'backup_label'));
  } finally {
    await client.end();
  }
}

/** Only the log that the copy needs: with more, recovery would go on past the copy's moment. */
async function copyLog(cluster: Server, to: string, account: Account, first: string, last: string) {
  const segments = (await readdir(path.join(cluster.folder, 'pg_wal'))).filter(
    (name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= last,
  );
  if (!segments.includes(first) || !segments.includes(last))
    throw new Error(`The log of ${cluster.folder} from ${first} to ${last} is no longer complete.`);
  for (const name of segments)
    await copyOne(path.join(cluster.folder, 'pg_wal', name), path.join(to, 'pg_wal', name), account);
}

async function copyTree(
  from: string,
  to: string,
  account: Account,
  wanted: (name: string) => boolean,
  emptyFolders: ReadonlySet<string> = new Set(),
): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  await giveTo(account, to);
  const entries = (await readdir(from, { withFileTypes: true })).filter((entry) => wanted(entry.name));
  const files = entries.filter((entry) => entry.isFile());
  while (files.length > 0)
    await Promise.all(
      files.splice(0, 32).map(({ name }) => copyOne(path.join(from, name), path.join(to, name), account)),
    );
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const inside = emptyFolders.has(name) ? () => false : wanted;
    await copyTree(path.join(from, name), path.join(to, name), account, inside, emptyFolders);
  }
}

async function copyOne(from: string, to: string, account: Account): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    // A running server drops files meanwhile; the log it writes tells recovery so.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await giveTo(account, to);
}

async function giveTo(account: Account, file: string): Promise<void> {
  if (account.uid !== undefined && account.gid !== undefined) await chown(file, account.uid, account.gid);
}
