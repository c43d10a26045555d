import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { Clients } from '../../../lib/aws/clients';
import { S3Objects } from '../../../lib/aws/objects';
import { bucketName } from '../../../lib/names';
import { acquire } from '../../../lib/runbook/acquire';
import { openJournal, readJournal } from '../../../lib/runbook/journal';
import { Clock } from '../../../sandbox/clock';
import { AwsError } from '../../../sandbox/errors';
import { createS3 } from '../../../sandbox/s3/s3';
import { defaultDurations } from '../../../sandbox/world';
import { startAws, type TestAws } from '../../support/aws';
import { playedClock } from '../../support/clock';
import { cobalt } from '../../support/upgrade';

const bucket = bucketName(cobalt);
/** What becomes of each upload of an object: nothing special, refused with this code, never arrived, or its answer is lost. */
type Fate = 'usual' | 'conflict' | 'lost' | 'answer lost';
let fates: Fate[];
let uploads: number;
let slept: number[];
let aws: TestAws;
let sandboxClock: Clock;
let s3: ReturnType<typeof createS3>;
let objects: S3Objects;

const clock = playedClock(
  () => new Date('2026-11-23T11:00:00Z'),
  async (durationMs) => {
    slept.push(durationMs);
  },
);

beforeEach(async () => {
  [fates, uploads, slept] = [[], 0, []];
  sandboxClock = new Clock('skip', new Date());
  s3 = createS3({
    account: cobalt.account,
    region: cobalt.region,
    clock: sandboxClock,
    durations: defaultDurations,
  });
  const { service } = s3;
  const handle: typeof service.handle = async (request, call) => {
    const isUpload =
      request.method === 'PUT' && request.path.startsWith(`/${bucket}/`) && request.path !== `/${bucket}/`;
    const fate = isUpload ? fates.shift() : undefined;
    if (isUpload) uploads++;
    if (fate === 'conflict')
      throw new AwsError(
        'ConditionalRequestConflict',
        'A conflicting conditional operation is in progress.',
        409,
      );
    // What is no error of AWS's makes the server close the connection.
    if (fate === 'lost') throw new Error('The call is lost.');
    const answer = await service.handle(request, call);
    if (fate === 'answer lost') throw new Error('The answer is lost.');
    return answer;
  };
  aws = await startAws([{ ...service, handle }], () => sandboxClock.date());
  objects = new S3Objects(cobalt, new Clients(cobalt, clock), clock);
});
afterEach(async () => {
  await aws.close();
  sandboxClock.stop();
});

async function makeBucket(): Promise<void> {
  await new Clients(cobalt, clock).make(S3Client).send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: cobalt.region as 'ap-southeast-2' },
    }),
  );
}

describe('in the operations bucket', () => {
  beforeEach(makeBucket);

  test('an object is read back as it was written, with the tag that the next write names', async () => {
    const tag = await objects.write('runs/lock.json', '{"text":"é"}\n', 'absent');
    expect(await objects.read('runs/lock.json')).toMatchObject({ text: '{"text":"é"}\n', tag });
    const next = await objects.write('runs/lock.json', 'two', { tag: tag! });
    expect(next).not.toBe(tag);
    expect(await objects.read('runs/lock.json')).toMatchObject({ text: 'two', tag: next });
  });

  test('what is not there is undefined', async () => {
    expect(await objects.read('runs/lock.json')).toBeUndefined();
  });

  test('an object tells how long it has been there, whatever this machine takes for the time', async () => {
    await objects.write('a', 'text', 'absent');
    const { ageMs } = (await objects.read('a'))!;
    expect(ageMs).toBeLessThan(30_000);
    await sandboxClock.skip(90_000);
    expect((await objects.read('a'))!.ageMs! - ageMs!).toBeGreaterThanOrEqual(89_000);
  });

  test('what should be absent and is not stays as it is', async () => {
    await objects.write('a', 'first', 'absent');
    expect(await objects.write('a', 'second', 'absent')).toBeUndefined();
    expect((await objects.read('a'))?.text).toBe('first');
  });

  test('what was written by others since stays as they wrote it', async () => {
    const tag = await objects.write('a', 'first', 'absent');
    await objects.write('a', 'second', { tag: tag! });
    expect(await objects.write('a', 'third', { tag: tag! })).toBeUndefined();
    expect((await objects.read('a'))?.text).toBe('second');
  });

  test('what was deleted since is not made anew', async () => {
    expect(await objects.write('a', 'text', { tag: '"0123"' })).toBeUndefined();
    expect(await objects.read('a')).toBeUndefined();
  });

  test('of many writers at the same moment one writes', async () => {
    const texts = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
    const tags = await Promise.all(texts.map((text) => objects.write('a', text, 'absent')));
    const winners = texts.filter((_, index) => tags[index] !== undefined);
    expect(winners).toEqual([(await objects.read('a'))?.text]);
  });

  test('keys come in order, from every page, and no others', async () => {
    const keys = Array.from({ length: 1_001 }, (_, index) => `runs/a/${String(index).padStart(6, '0')}`);
    for (const key of [...keys].reverse()) s3.buckets.put(bucket, key, Buffer.from('x'));
    s3.buckets.put(bucket, 'runs/b/000001', Buffer.from('x'));
    expect(await objects.list('runs/a/')).toEqual(keys);
    expect(await objects.list('nothing/')).toEqual([]);
  });
});

describe('when S3 does not simply answer', () => {
  beforeEach(makeBucket);

  test('a write whose answer was lost counts as written once', async () => {
    fates = ['answer lost'];
    const tag = await objects.write('a', 'mine', 'absent');
    expect(await objects.read('a')).toMatchObject({ text: 'mine', tag });
    expect(uploads).toBe(2);
    fates = ['answer lost'];
    const next = await objects.write('a', 'mine again', { tag: tag! });
    expect(await objects.read('a')).toMatchObject({ text: 'mine again', tag: next });
  });

  test('a conflict with another writer is tried again, later each time', async () => {
    fates = ['conflict', 'conflict', 'conflict'];
    expect(await objects.write('a', 'mine', 'absent')).toBeDefined();
    expect(uploads).toBe(4);
    expect(slept).toEqual([...slept].sort((a, b) => a - b));
    expect(slept).toHaveLength(3);
  });

  test('a conflict that does not end is an error', async () => {
    fates = Array(20).fill('conflict');
    await expect(objects.write('a', 'mine', 'absent')).rejects.toMatchObject({
      name: 'ConditionalRequestConflict',
    });
    expect(uploads).toBe(5);
    expect(await objects.read('a')).toBeUndefined();
  });

  test('a conflict that somebody else won writes nothing', async () => {
    s3.buckets.put(bucket, 'a', Buffer.from('theirs'));
    fates = ['conflict'];
    expect(await objects.write('a', 'mine', 'absent')).toBeUndefined();
    expect((await objects.read('a'))?.text).toBe('theirs');
  });
});

test('a bucket that is not there is named, with the stack that makes it', async () => {
  const missing = {
    code: 'OPERATIONS_BUCKET_MISSING',
    exitCode: 3,
    text: {
      so: expect.stringContaining(bucket),
      changed: 'Nothing was changed.',
      next: expect.stringContaining('npx cdk deploy CobaltOperations'),
    },
  };
  await expect(objects.read('a')).rejects.toMatchObject(missing);
  await expect(objects.list('a')).rejects.toMatchObject(missing);
  await expect(objects.write('a', 'text', 'absent')).rejects.toMatchObject(missing);
  await expect(objects.write('a', 'text', { tag: '"0123"' })).rejects.toMatchObject(missing);
});

test('a lock and a journal live in it, and a lost answer costs neither', async () => {
  await makeBucket();
  const holder = { who: 'ada', host: 'laptop', pid: 41 };
  const asked = { runbook: 'cutover', holder, newRunId: 'run-1', reason: 'tonight', alive: () => undefined };
  fates = ['answer lost', 'usual', 'answer lost', 'answer lost'];
  const { lock, run } = await acquire(objects, clock, asked);
  const journal = await openJournal(objects, clock, run, lock.holder);
  await journal.append({ event: 'run-started', data: { runbook: 'cutover', settings: 'a1b2' } });
  await lock.check();
  await lock.free();
  expect((await readJournal(objects, run)).map(({ n, event }) => [n, event])).toEqual([[1, 'run-started']]);
  expect((await acquire(objects, clock, { ...asked, newRunId: 'run-2' })).run).toBe('run-2');
});

test('a line that was written is known again by its writer, though no try of the call was answered', async () => {
  await makeBucket();
  const holder = { who: 'ada', host: 'laptop', pid: 41, token: 'one' };
  const journal = await openJournal(objects, clock, 'run-1', holder);
  fates = ['answer lost', ...Array<Fate>(5).fill('lost')];
  const begun = journal.append({ event: 'step-started', step: 'snapshot', attempt: 1 });
  await expect(begun).rejects.toMatchObject({ code: 'ANSWER_LOST', exitCode: 4 });
  expect(uploads).toBe(6);
  await journal.append({ event: 'run-stopped', text: 'ANSWER_LOST' });
  const lines = await readJournal(objects, 'run-1');
  expect(lines.map(({ n, event }) => [n, event])).toEqual([
    [1, 'step-started'],
    [2, 'run-stopped'],
  ]);
  expect(journal.entries).toEqual(lines);
});

test('a line that somebody else wrote meanwhile is theirs, also to a call whose first try was lost', async () => {
  await makeBucket();
  const holder = { who: 'ada', host: 'laptop', pid: 41, token: 'one' };
  const ours = await openJournal(objects, clock, 'run-1', holder);
  const theirs = await openJournal(objects, clock, 'run-1', { ...holder, who: 'ben', token: 'two' });
  await theirs.append({ event: 'run-resumed' });
  fates = ['lost'];
  const late = ours.append({ event: 'run-resumed' });
  await expect(late).rejects.toMatchObject({
    code: 'LOCK_LOST',
    text: { so: expect.stringContaining('ben') },
  });
});
