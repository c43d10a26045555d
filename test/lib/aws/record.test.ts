import type { DescribeEnvironmentsMessage } from '@aws-sdk/client-elastic-beanstalk';
import type { PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { Clients } from '../../../lib/aws/clients';
import { ParameterRecordStore, readRecord } from '../../../lib/aws/record';
import { parameterNames } from '../../../lib/names';
import type { UpgradeRecord } from '../../../lib/record';
import { answering, refuse, startAws, sts, type TestAws } from '../../support/aws';
import { playedClock } from '../../support/clock';
import { at, before, cobalt, restored } from '../../support/upgrade';

const names = parameterNames(cobalt);
const web = cobalt.sides.blue.environments.web!.name;
const loadBalancer = 'arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/web/1';
let aws: TestAws | undefined;
let parameters: Map<string, string>;
/** How many reads of one parameter are answered as before it was written. */
let stale = 0;
/** The same, of one that was there before. */
let old = 0;
const oldDatabase = restored('green', { migrated: false });
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

/** Parameter Store and Elastic Beanstalk with a record in them; pages hold one parameter each. */
async function startWith(record: UpgradeRecord | undefined, account = cobalt.account) {
  parameters = new Map();
  if (record) parameters.set(names.posture, JSON.stringify(record.posture));
  for (const database of record?.databases ?? [])
    parameters.set(names.database(database.id), JSON.stringify(database));
  const below = (path: string) => [...parameters].filter(([name]) => name.startsWith(`${path}/`));
  const ssm = answering('ssm', 'json', {
    GetParameter: ({ Name }: { Name: string }) => {
      if (stale > 0 && stale--) return refuse('ParameterNotFound');
      if (old > 0 && old--) return { Parameter: { Name, Value: JSON.stringify(oldDatabase), Version: 1 } };
      return parameters.has(Name)
        ? { Parameter: { Name, Value: parameters.get(Name), Version: 2 } }
        : refuse('ParameterNotFound');
    },
    GetParametersByPath: ({ Path, NextToken }: { Path: string; NextToken?: string }) => {
      const index = Number(NextToken ?? 0);
      const all = below(Path);
      const Parameters = all.slice(index, index + 1).map(([Name, Value]) => ({ Name, Value }));
      return { Parameters, ...(index + 1 < all.length ? { NextToken: String(index + 1) } : {}) };
    },
    PutParameter: ({ Name, Value, Type, Overwrite }: PutParameterCommandInput) => {
      expect({ Type, Overwrite }).toEqual({ Type: 'String', Overwrite: true });
      parameters.set(Name!, Value!);
      return { Version: 2, Tier: 'Standard' };
    },
  });
  const described = (EnvironmentName: string, Status: string, VersionLabel?: string) => ({
    EnvironmentId: `e-${EnvironmentName}`,
    EnvironmentName,
    Status,
    VersionLabel,
  });
  const beanstalk = answering('elasticbeanstalk', 'query', {
    DescribeEnvironments: ({ ApplicationName, EnvironmentNames }: DescribeEnvironmentsMessage) => {
      expect(ApplicationName).toBe(cobalt.application);
      expect(EnvironmentNames).toHaveLength(4);
      const member = [
        described(web, 'Terminating', 'cobalt-6.2.0'),
        described(web, 'Ready', 'cobalt-6.3.20'),
        described('cobalt-production-green', 'Launching'),
      ];
      return { Environments: { member } };
    },
    // One that is launching has none yet.
    DescribeEnvironmentResources: ({ EnvironmentId }: { EnvironmentId: string }) => ({
      EnvironmentResources:
        EnvironmentId === `e-${web}` ? { LoadBalancers: { member: [{ Name: loadBalancer }] } } : {},
    }),
  });
  aws = await startAws([ssm, beanstalk, sts(account)]);
}

test('reads the posture, every database on every page, and the versions of environments that live', async () => {
  const record = at(cobalt, { live: 'blue', access: 'frozen' });
  await startWith(record);
  expect(await readRecord(cobalt)).toEqual({
    ...record,
    versions: { [web]: 'cobalt-6.3.20' },
    door: { loadBalancers: { [web]: loadBalancer } },
  });
});

test('no posture record is an error, never a default', async () => {
  await startWith(undefined);
  await expect(readRecord(cobalt)).rejects.toMatchObject({ code: 'RECORD_MISSING', exitCode: 3 });
});

test('in another account the account is the fault that is told', async () => {
  await startWith(undefined, '999999999999');
  await expect(readRecord(cobalt)).rejects.toMatchObject({ code: 'WRONG_ACCOUNT' });
});

test.each([
  ['no JSON', 'live=blue'],
  ['of an unknown shape', '{"live":"blue","access":"open","n":1,"served":{},"spent":[],"more":1}'],
  ['of an unknown word', '{"live":"red","access":"open","n":1,"served":{},"spent":[]}'],
])('a posture record that is %s is an error that names the parameter', async (_, text) => {
  await startWith(before(cobalt));
  parameters.set(names.posture, text);
  const read = readRecord(cobalt);
  await expect(read).rejects.toMatchObject({ code: 'RECORD_UNREADABLE' });
  await expect(read).rejects.toThrow(names.posture);
});

test('writes a database so that it reads back the same', async () => {
  await startWith(before(cobalt));
  const store = new ParameterRecordStore(cobalt, new Clients(cobalt));
  const database = restored('green', { migrated: false });
  await store.writeDatabase(database);
  expect((await store.read()).databases).toContainEqual(database);
});

test('a record is written when it can be read, and given up when it never can', async () => {
  await startWith(before(cobalt));
  const slept: number[] = [];
  const clock = playedClock(
    () => new Date(),
    async (durationMs) => void slept.push(durationMs),
  );
  const store = new ParameterRecordStore(cobalt, new Clients(cobalt), clock);
  stale = 2;
  await store.writeDatabase(restored('green'));
  expect(slept).toHaveLength(2);
  stale = 100;
  await expect(store.writeDatabase(restored('green'))).rejects.toMatchObject({
    code: 'RECORD_NOT_READABLE',
    exitCode: 4,
  });
  stale = 0;
});

test('one database is read by its name, whatever is answered by path', async () => {
  await startWith(before(cobalt));
  const store = new ParameterRecordStore(cobalt, new Clients(cobalt));
  parameters.set(names.database(oldDatabase.id), JSON.stringify(oldDatabase));
  expect(await store.readDatabase(oldDatabase.id)).toEqual(oldDatabase);
  expect(aws!.calls).toEqual(['ssm GetParameter']);
});

test('a database that was written is never read as it was before', async () => {
  await startWith(before(cobalt));
  const clock = playedClock(
    () => new Date(),
    async () => {},
  );
  const store = new ParameterRecordStore(cobalt, new Clients(cobalt), clock);
  const database = { ...oldDatabase, migrated: true };
  await store.writeDatabase(database);
  old = 2;
  expect(await store.readDatabase(database.id)).toEqual(database);
  expect(old).toBe(0);
});

test('a record too long for a parameter is refused before it is sent', async () => {
  await startWith(before(cobalt));
  const store = new ParameterRecordStore(cobalt, new Clients(cobalt));
  const database = restored('green', { snapshot: 's'.repeat(4000) });
  await expect(store.writeDatabase(database)).rejects.toMatchObject({ code: 'RECORD_TOO_LONG' });
  expect(aws!.calls).not.toContain('ssm PutParameter');
});
