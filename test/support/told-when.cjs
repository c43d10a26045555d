/**
 * Required before a command: adds to each message that it tells when that was, and for how long its process had been at work by
 * then. Whoever reads the message reads it late on a machine with more to do than processors.
 */
const { performance } = require('node:perf_hooks');

const write = process.stderr.write.bind(process.stderr);
const isMessage = (text) => typeof text === 'string' && /^\{.*\}\n$/.test(text);

process.stderr.write = (text, ...rest) => {
  if (!isMessage(text)) return write(text, ...rest);
  const { user, system } = process.cpuUsage();
  const when = { toldAtMs: performance.timeOrigin + performance.now(), busyMs: (user + system) / 1000 };
  return write(`${JSON.stringify({ ...JSON.parse(text), ...when })}\n`, ...rest);
};
