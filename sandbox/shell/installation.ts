import fs from 'node:fs';
import path from 'node:path';
import { UnmodelledCommand } from './stand-in';

/** Commands that are the host's own: they compute, and act on files only. */
const hostTools = (
  '[ awk base64 basename bash cat chmod cksum cmp comm cp cut diff dirname echo egrep expr false fgrep find fold grep gunzip gzip ' +
  'head join ln ls md5sum mkdir mktemp mv nl od paste printf pwd readlink realpath rev rm rmdir sed seq sha256sum ' +
  'sort split stat tac tail tee test touch tr true tty uname uniq wc xargs'
).split(' ');

/** Commands that the sandbox answers itself. */
const standInNames = ['date', 'flock', 'kill', 'psql', 'sleep', 'timeout'];
/** Those of them that it answers at once. */
export const briefNames = ['aws', 'df', 'systemctl'];

const passedThrough = `
unmodelled() {
  echo "sandbox: does not model $*" >&2
  echo "$*" >>"$SANDBOX_UNMODELLED"
  exit 127
}
`;

/** Commands that are a few lines of shell. */
const wrappers: Record<string, string> = {
  id: `case "$*" in -u) echo 0 ;; -un) echo root ;; -g) echo 0 ;; -gn) echo root ;; *) unmodelled "id $*" ;; esac`,
  whoami: `[ $# -eq 0 ] || unmodelled "whoami $*"; echo root`,
  sudo: `while :; do
  case "$1" in -u) shift 2 ;; -E | -H | -n) shift ;; --) shift; break ;; -*) unmodelled "sudo $1" ;; *) break ;; esac
done
for word; do
  case "$word" in *=*) ;; *) command -v "$word" >/dev/null || unmodelled "the command $word"; break ;; esac
done
exec env "$@"`,
  runuser: `[ "$1" = -u ] || unmodelled "runuser $*"
shift 2
[ "$1" = -- ] && shift
command -v "$1" >/dev/null || unmodelled "the command $1"
exec "$@"`,
  // What lets a command find the sandbox stays in even an empty environment.
  env: `case "$1" in
-i | -) shift; exec @ENV@ -i PATH="$PATH" BASH_ENV="$BASH_ENV" SANDBOX_RUN="$SANDBOX_RUN" SANDBOX_UNMODELLED="$SANDBOX_UNMODELLED" "$@" ;;
*) exec @ENV@ "$@" ;;
esac`,
};

/** Read by every bash of a command before its text. */
const prologue = `enable -n kill
command_not_found_handle() {
  echo "sandbox: does not model the command $1" >&2
  echo "the command $1" >>"$SANDBOX_UNMODELLED"
  return 127
}
`;

/** Where the things are that commands need, made once for a sandbox. */
export interface Installation {
  bin: string;
  prologue: string;
  bash: string;
  /** A script that calls the sandbox under this name. */
  standIn(name: string): string;
}

export function install(folder: string, socketPath: string, briefPort: number): Installation {
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  const bash = onHost('bash');
  if (!bash) throw new Error('Run Command needs bash on the PATH.');
  for (const tool of hostTools) {
    const file = onHost(tool);
    if (file) fs.symlinkSync(file, path.join(bin, tool));
  }
  const client = path.join(folder, 'stand-in-client.cjs');
  fs.copyFileSync(path.join(__dirname, 'stand-in-client.cjs'), client);
  const standIn = (name: string) =>
    `#!/bin/sh\nexec '${process.execPath}' '${client}' '${socketPath}' '${name}' "$@"\n`;
  for (const name of standInNames) writeExecutable(path.join(bin, name), standIn(name));
  for (const name of briefNames) writeExecutable(path.join(bin, name), briefClient(bash, briefPort, name));
  for (const [name, text] of Object.entries(wrappers))
    writeExecutable(
      path.join(bin, name),
      `#!${bash}\n${passedThrough}${text.replaceAll('@ENV@', onHost('env') as string)}\n`,
    );
  const prologueFile = path.join(folder, 'prologue.sh');
  fs.writeFileSync(prologueFile, prologue);
  return { bin, prologue: prologueFile, bash, standIn };
}

/**
 * The script that asks brief-answers.ts under this name, for any bash from 3.2 on. As the `aws` command does, it takes
 * what it reads for an argument that is written as the file it is read from.
 */
function briefClient(bash: string, port: number, name: string): string {
  return `#!${bash}
words=()
for word; do
  [ "$word" != file:///dev/stdin ] || IFS= read -r -d '' word || true
  words+=("$word")
done
exec 3<>/dev/tcp/127.0.0.1/${port} || exit 137
printf '%s\\0' "$#" "$SANDBOX_RUN" '${name}' "\${words[@]}" >&3
IFS= read -r -d '' code <&3
IFS= read -r -d '' out <&3
IFS= read -r -d '' err <&3
printf '%s' "$err" >&2
printf '%s' "$out"
exit "\${code:-137}"
`;
}

/** Puts what AWS puts on an instance into its folder; what is there already stays. */
export function furnish(folder: string, { standIn }: Installation): void {
  const at = (...parts: string[]) => path.join(folder, ...parts);
  for (const part of [
    'var/app/current',
    'var/log',
    'var/lib',
    'var/lock',
    'var/tmp',
    'proc',
    'run',
    'tmp',
    'root',
  ])
    fs.mkdirSync(at(part), { recursive: true });
  const environments = at('var/app/venv');
  fs.mkdirSync(environments, { recursive: true });
  if (fs.readdirSync(environments).length === 0) fs.mkdirSync(path.join(environments, 'staging-LQM1lest'));
  for (const name of fs.readdirSync(environments)) {
    const bin = path.join(environments, name, 'bin');
    fs.mkdirSync(bin, { recursive: true });
    for (const python of ['python', 'python3']) writeExecutable(path.join(bin, python), standIn('python'));
    fs.writeFileSync(
      path.join(bin, 'activate'),
      `export VIRTUAL_ENV='${path.dirname(bin)}'\nexport PATH='${bin}':"$PATH"\n`,
    );
  }
  writeExecutable(at('var/app/current/manage.py'), standIn('manage.py'));
  fs.mkdirSync(at('opt/elasticbeanstalk/bin'), { recursive: true });
  writeExecutable(at('opt/elasticbeanstalk/bin/get-config'), standIn('get-config'));
}

function writeExecutable(file: string, text: string): void {
  fs.writeFileSync(file, text, { mode: 0o755 });
}

/** Where the host has a tool, its own folders first. */
function onHost(tool: string): string | undefined {
  const folders = ['/usr/bin', '/bin', ...(process.env.PATH ?? '').split(':')];
  return folders.map((folder) => path.join(folder, tool)).find((file) => fs.existsSync(file));
}

export function unmodelledIn(file: string): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const first = fs.readFileSync(file, 'utf8').split('\n')[0];
  return first ? new UnmodelledCommand(first).message : undefined;
}
