import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Gate, openGate, visibility } from './support';

let gate: Gate;
beforeAll(async () => {
  gate = await openGate();
});
afterAll(() => gate.close());

async function aws(operation: string, ...args: string[]) {
  const { stdout } = await promisify(execFile)('aws', ['wafv2', operation, ...args, '--output', 'json'], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      AWS_ENDPOINT_URL: gate.origin,
      AWS_DEFAULT_REGION: 'ap-southeast-2',
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  return stdout === '' ? undefined : JSON.parse(stdout);
}

test('the aws CLI closes a door by hand, and is refused in its own words', async () => {
  const present = await promisify(execFile)('aws', ['--version']).catch(() => undefined);
  if (!present) {
    console.log('Skipped: there is no aws CLI on this machine.');
    return;
  }
  const scope = ['--scope', 'REGIONAL'];
  const made = await aws(
    'create-web-acl',
    ...['--name', 'shut', ...scope, '--default-action', 'Block={}'],
    ...['--visibility-config', JSON.stringify(visibility('shut'))],
  );
  const resource = ['--resource-arn', gate.loadBalancer()];
  await aws('associate-web-acl', '--web-acl-arn', made.Summary.ARN, ...resource);
  await gate.propagate();
  expect((await gate.ask())?.status).toBe(403);
  expect((await aws('get-web-acl-for-resource', ...resource)).WebACL).toMatchObject({
    Name: 'shut',
    DefaultAction: { Block: {} },
  });
  const { Id, LockToken } = made.Summary;
  await expect(
    aws('delete-web-acl', '--name', 'shut', ...scope, '--id', Id, '--lock-token', LockToken),
  ).rejects.toMatchObject({
    stderr: expect.stringContaining('(WAFAssociatedItemException) when calling the DeleteWebACL operation'),
  });
});
