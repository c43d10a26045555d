import { buildApp } from '../../../../lib/app';
import { bucketName } from '../../../../lib/names';
import { acquire } from '../../../../lib/runbook/acquire';
import { PreconditionError } from '../../../../lib/runbook/errors';
import { leaseSeconds } from '../../../../lib/runbook/lock';
import { lockKey, readLock, unlock } from '../../../../lib/runbook/lock-file';
import { runGoesOn } from '../../../../lib/upgrade/run/run-goes-on';
import { playedClock } from '../../../support/clock';
import { MemoryStore } from '../../../support/memory-store';
import { before, cobalt } from '../../../support/upgrade';

const ada = { who: 'ada', host: 'laptop', pid: 41 };

let nowMs: number;
let objects: MemoryStore;
const clock = playedClock(
  () => new Date(nowMs),
  async (durationMs) => {
    nowMs += durationMs;
  },
);
const asked = {
  runbook: 'cutover',
  holder: ada,
  newRunId: 'a-run',
  reason: 'Cut over',
  alive: () => undefined,
};
const reserved = () => runGoesOn({ objects, clock });

beforeEach(() => {
  nowMs = Date.parse('2026-11-25T11:00:00Z');
  objects = new MemoryStore();
});

describe('while a process drives a run', () => {
  beforeEach(() => acquire(objects, clock, asked));

  test('nobody else may deploy: who drives it is told, and what to do', async () => {
    expect(await reserved()).toEqual([
      {
        so: expect.stringMatching(
          /^ada on laptop \(process 41\) holds the run a-run \(npm run cutover\) since 2026.*last sign of life/,
        ),
        next: 'Leave the stacks to that run, or stop it first (Ctrl-C).',
      },
    ]);
  });

  test('every stack refuses its deploy, and is synthesised all the same', async () => {
    process.env.CDK_VALIDATION = 'false';
    const record = before(cobalt);
    const words = { ...record.posture, reassert: false };
    const { stacks } = buildApp({ settings: cobalt, record, words, reserved: await reserved() }).synth();
    const faults = stacks.map(({ stackName, messages }) => ({
      stackName,
      told: messages.filter(({ level }) => level === 'error').map(({ entry }) => String(entry.data)),
    }));
    expect(faults.length).toBeGreaterThan(5);
    for (const { told } of faults)
      expect(told).toEqual([expect.stringMatching(/holds the run a-run.* Nothing was changed\. Leave the/)]);
  });

  test('a lease that is over keeps nobody from it', async () => {
    nowMs += leaseSeconds * 1000 - 1;
    expect(await reserved()).toHaveLength(1);
    nowMs += 1;
    expect(await reserved()).toEqual([]);
  });

  test.each([-20, 20])('a clock that differs by %s minutes makes no difference', async (minutes) => {
    const { read } = objects;
    let ageMs = 45_000;
    objects.read = async (key) => {
      const found = await read.call(objects, key);
      return found && { ...found, ageMs };
    };
    nowMs += minutes * 60_000;
    expect(await reserved()).toEqual([
      expect.objectContaining({ so: expect.stringContaining('(45 seconds ago)') }),
    ]);
    ageMs = leaseSeconds * 1000;
    expect(await reserved()).toEqual([]);
  });

  test.each(['kept', 'free'] as const)('a person who took the lock (%s) may deploy', async (state) => {
    const found = (await readLock(objects))!;
    await unlock(objects, clock, found, { state, by: ada, reason: 'by hand from here' });
    expect(await reserved()).toEqual([]);
  });
});

test('a run that stopped unfinished may be gone on with by hand', async () => {
  const { lock } = await acquire(objects, clock, asked);
  await lock.keep('a step failed');
  expect(await reserved()).toEqual([]);
});

test('where no run was ever begun, or the bucket is not there yet, a deploy goes on', async () => {
  expect(await reserved()).toEqual([]);
  objects.read = async () => {
    throw new PreconditionError('OPERATIONS_BUCKET_MISSING', { so: bucketName(cobalt), next: '' });
  };
  expect(await reserved()).toEqual([]);
});

test('a lock that cannot be read is no leave to deploy', async () => {
  objects.objects.set(lockKey, { text: 'held by ada', tag: 'tag' });
  await expect(reserved()).rejects.toMatchObject({ code: 'LOCK_UNREADABLE' });
  objects.read = async () => {
    throw new PreconditionError('ACCESS_DENIED', { so: '', next: '' });
  };
  await expect(reserved()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
});
