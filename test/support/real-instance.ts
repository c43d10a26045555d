import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandText, scriptsIn } from '../../lib/aws/command-text';
import type { CommandResult } from '../../lib/upgrade/ports';
import type { UpgradeWorld } from './upgrade-world';

const realPsql = (process.env.PATH ?? '')
  .split(':')
  .map((folder) => path.join(folder, 'psql'))
  .find(existsSync);

/**
 * The scripts of lib/on-instance in this machine's own bash, with its own `psql` on the databases of a world; `aws` reads
 * the world's secrets. Where there is no `psql`, the sandbox's takes its place.
 */
export class RealInstance {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'instance-'));

  constructor(private readonly world?: UpgradeWorld) {
    for (const name of ['bin', 'hosts', 'secrets']) mkdirSync(this.file(name));
    this.program(
      'aws',
      `while [ "$1" != --name ]; do shift; done\nexec cat "${this.file('secrets')}/\${2##*/}"`,
    );
    this.program('sleep', 'exit 0');
    this.program(
      'psql',
      `printf '%s\\n' "$*" >>'${this.file('lines')}'
words=()
while [ $# -gt 0 ]; do
  case $1 in
    -h) port=$(cat "${this.file('hosts')}/$2"); words+=(-h 127.0.0.1); shift ;;
    -p) words+=(-p "$port"); shift ;;
    *) words+=("$1") ;;
  esac
  shift
done
exec '${realPsql}' "\${words[@]}"`,
    );
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** The command lines of `psql`, which everybody on the instance may read in the list of processes. */
  commandLines(): string {
    return existsSync(this.file('lines')) ? readFileSync(this.file('lines'), 'utf8') : '';
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  async run(instance: string, script: string, args: string[]): Promise<CommandResult> {
    if (this.world && !realPsql) return this.world.run(instance, script, args);
    for (const [endpoint, { port }] of this.world?.clusters ?? [])
      writeFileSync(path.join(this.file('hosts'), endpoint), String(port));
    for (const [name, value] of this.world?.secrets ?? [])
      writeFileSync(path.join(this.file('secrets'), path.basename(name)), value);
    // No process of this machine's is the application's.
    const text = commandText(scriptsIn('lib/on-instance'), script, args).replaceAll(
      '/proc/',
      `${this.file('proc')}/`,
    );
    writeFileSync(this.file('script'), text);
    const ran = spawnSync('bash', [this.file('script')], {
      encoding: 'utf8',
      cwd: this.folder,
      maxBuffer: 2 ** 28,
      env: { PATH: `${this.file('bin')}:${process.env.PATH}`, TMPDIR: this.folder, LANG: 'C.UTF-8' },
    });
    return { commandId: script, exitCode: ran.status ?? -1, stdout: ran.stdout, stderr: ran.stderr };
  }

  private program(name: string, text: string): void {
    writeFileSync(path.join(this.file('bin'), name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  }
}
