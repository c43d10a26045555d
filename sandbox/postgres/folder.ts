import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/**
 * A folder for the clusters of this process, below one well-known folder. A killed process leaves its servers
 * running: whoever claims a folder next ends them and removes their files.
 */
export async function claimFolder(): Promise<string> {
  const home = path.join(os.tmpdir(), `sandbox-postgres-${process.getuid?.() ?? 'user'}`);
  await mkdir(home, { recursive: true });
  const owner = await lstat(home);
  if (!owner.isDirectory() || owner.uid !== process.getuid?.())
    throw new Error(`${home} must be a folder that belongs to the user who runs the sandbox.`);
  // Reachable for the server's user, yet nobody can list it.
  await chmod(home, 0o711);
  await clearLeftovers(home);
  const folder = await mkdtemp(path.join(home, `${process.pid}-`));
  await chmod(folder, 0o711);
  return folder;
}

async function clearLeftovers(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = Number(name.split('-')[0]);
    if (isAlive(pid)) continue;
    const folder = path.join(home, name);
    for (const cluster of await readdir(folder).catch(() => [])) await endServer(path.join(folder, cluster));
    // What a killed process had begun may write for a moment yet, and others who start now clear the same.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

async function endServer(dataFolder: string): Promise<void> {
  const file = await readFile(path.join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  // The number may belong to somebody else by now.
  if (!pid || !commandOf(pid).includes(dataFolder)) return;
  process.kill(pid, 'SIGQUIT');
  for (let turn = 0; turn < 100 && isAlive(pid); turn++)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)]).toString();
  } catch {
    return '';
  }
}
