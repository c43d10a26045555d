import type { CronEntry, World } from '../world';
import type { BeanstalkInstance } from './instance';

const dayMs = 24 * 60 * 60_000;

/** Runs the application's crontab on an instance, whenever it is installed and crond runs, until termination. */
export function runCron(world: World, instance: BeanstalkInstance): void {
  for (const entry of world.application.crontab) {
    const arm = () => {
      world.clock.at(nextTimeMs(entry, world.clock.nowMs()), `cron ${entry.command}`, async () => {
        if (instance.state === 'terminated') return;
        arm();
        if (instance.cron.installed && instance.cron.running) await fire(world, instance, entry.command);
      });
    };
    arm();
  }
}

/** The wrapper reads the deployment's file and nothing else; what the command prints is dropped. */
async function fire(world: World, instance: BeanstalkInstance, command: string): Promise<void> {
  const environ = readEnvironment(world, instance);
  const wrapper = instance.start(['/bin/bash', '/var/app/current/cron.sh', command], environ);
  const words = command.split(' ');
  const child = instance.start(['python', 'manage.py', ...words], environ, wrapper.pid);
  const facts = { environment: instance.environment, instance: instance.id, command };
  try {
    const exitCode = await world.application.manage(words, environ, () => {}, instance.killed(child));
    if (exitCode !== 0) world.happened('cron.failed', { ...facts, exitCode });
  } catch (error) {
    world.happened('cron.failed', { ...facts, error: String(error) });
  } finally {
    instance.end(child);
    instance.end(wrapper);
  }
}

/** The file as it was read last, on each instance: it changes with a deployment, and is read twice a minute. */
const lastRead = new WeakMap<BeanstalkInstance, { text: string; environ: Record<string, string> }>();

function readEnvironment({ files }: World, instance: BeanstalkInstance): Record<string, string> {
  const text = files.read(instance.environmentFile);
  const last = lastRead.get(instance);
  if (last?.text === text) return last.environ;
  const lines = text.split('\n');
  const pairs = lines.filter((line) => line.includes('=')).map((line) => splitOnce(line));
  const environ = Object.freeze(Object.fromEntries(pairs));
  lastRead.set(instance, { text, environ });
  return environ;
}

function splitOnce(line: string): [string, string] {
  const place = line.indexOf('=');
  return [line.slice(0, place), line.slice(place + 1)];
}

/** The next moment after `nowMs` at which an entry is due. */
export function nextTimeMs(entry: CronEntry, nowMs: number): number {
  if (entry.everyMs) return (Math.floor(nowMs / entry.everyMs) + 1) * entry.everyMs;
  const [hour, minute] = (entry.dailyAt ?? '').split(':').map(Number);
  if (hour === undefined || minute === undefined) throw new Error(`The entry ${entry.command} has no time.`);
  const local = new Date(nowMs + sydneyOffsetMs(nowMs));
  for (let day = 0; ; day++) {
    const wanted =
      Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(), hour, minute) + day * dayMs;
    const atMs = wanted - sydneyOffsetMs(wanted - sydneyOffsetMs(nowMs));
    if (atMs > nowMs) return atMs;
  }
}

const sydney = new Intl.DateTimeFormat('en-US', { timeZone: 'Australia/Sydney', timeZoneName: 'longOffset' });

/** How far Sydney's clocks are ahead of UTC at a moment. */
function sydneyOffsetMs(atMs: number): number {
  const zone = sydney.formatToParts(atMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, hours, minutes] = /GMT\+(\d+):(\d+)/.exec(zone) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
