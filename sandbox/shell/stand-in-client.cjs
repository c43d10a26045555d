// A command on an instance's PATH that is really a question to the sandbox: it sends what it was called with over
// a Unix socket and does what the answers say. It must start quickly, so it needs nothing but Node.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');

const [socketPath, name, ...args] = process.argv.slice(2);
const socket = net.connect(socketPath);
const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
/** How long a program that was told to end may take to do so. */
const graceMs = 200;
let child;
let exited = false;

const endChild = (signal) => {
  try {
    if (child?.pid) process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
};

const acts = {
  out: (data) => fs.writeSync(1, Buffer.from(data, 'base64')),
  err: (data) => fs.writeSync(2, Buffer.from(data, 'base64')),
  stdin: () => {
    process.stdin.on('data', (data) => send({ data: data.toString('base64') }));
    process.stdin.on('end', () => send({ end: true }));
  },
  exec: ({ file, args, env, cwd }) => {
    child = spawn(file, args, {
      stdio: 'inherit',
      detached: true,
      env: env ?? process.env,
      cwd: cwd ?? process.cwd(),
    });
    child.on('error', () => send({ missing: true }));
    child.on('exit', (code, signal) =>
      send({ exited: code ?? 128 + require('node:os').constants.signals[signal] }),
    );
  },
  kill: (signal) => endChild(signal),
  exit: (code) => {
    exited = true;
    process.exit(code);
  },
};

let received = '';
socket.setEncoding('utf8');
socket.on('data', (text) => {
  const lines = (received + text).split('\n');
  received = lines.pop();
  for (const line of lines) for (const [act, value] of Object.entries(JSON.parse(line))) acts[act](value);
});
const lost = () => {
  if (exited) return;
  endChild('SIGKILL');
  process.exit(137);
};
socket.on('error', lost);
socket.on('close', lost);
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
  ['SIGHUP', 1],
])
  process.on(signal, () => {
    const end = () => process.exit(128 + number);
    if (!child) end();
    child.on('exit', end);
    endChild(signal);
    setTimeout(() => endChild('SIGKILL'), graceMs);
  });

/** Which file each inherited descriptor is, for locks on descriptors. */
const descriptors = {};
for (let fd = 3; fd < 10; fd++)
  try {
    const { dev, ino } = fs.fstatSync(fd);
    descriptors[fd] = `${dev}:${ino}`;
  } catch {
    // Not open.
  }

send({
  name,
  args,
  cwd: process.cwd(),
  environ: process.env,
  pid: process.pid,
  parentPid: process.ppid,
  descriptors,
});
