import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Listening } from '../../../sandbox/listening';
import { a, startRoute53, type TestWorld, testWorld, zoneId } from './world';

let world: TestWorld;
let server: Listening;

beforeAll(async () => {
  world = testWorld();
  server = await startRoute53(world);
});
afterAll(async () => {
  await server.close();
  world.clock.stop();
});

const aws = (...args: string[]) =>
  promisify(execFile)('aws', args, {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      AWS_ENDPOINT_URL: server.origin,
      AWS_DEFAULT_REGION: 'ap-southeast-2',
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });

test('the aws CLI changes a record, waits for it, and is refused in its own words', async () => {
  const present = await aws('--version').catch(() => undefined);
  if (!present) {
    console.log('Skipped: there is no aws CLI on this machine.');
    return;
  }
  const changes = { Changes: [{ Action: 'CREATE', ResourceRecordSet: a('www.myabf.com.au', '192.0.2.1') }] };
  const change = () =>
    aws(
      'route53',
      'change-resource-record-sets',
      '--hosted-zone-id',
      zoneId,
      '--change-batch',
      JSON.stringify(changes),
    );
  const { ChangeInfo } = JSON.parse((await change()).stdout);
  expect(ChangeInfo.Status).toBe('PENDING');
  await aws('route53', 'wait', 'resource-record-sets-changed', '--id', ChangeInfo.Id);
  const list = await aws('route53', 'list-resource-record-sets', '--hosted-zone-id', zoneId);
  expect(JSON.parse(list.stdout).ResourceRecordSets).toContainEqual(a('www.myabf.com.au.', '192.0.2.1'));
  await expect(change()).rejects.toMatchObject({
    stderr: expect.stringContaining(
      "(InvalidChangeBatch) when calling the ChangeResourceRecordSets operation: [Tried to create resource record set [name='www.myabf.com.au.', type='A'] but it already exists]",
    ),
  });
});
