import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { parameterNames } from '../../../lib/names';
import type { Ports } from '../../../lib/upgrade/ports';
import { Stage } from '../../support/stage';
import { cobalt } from '../../support/upgrade';

let stage: Stage;
let ports: Ports;
beforeAll(async () => {
  stage = await Stage.open();
  ports = await stage.ports();
});
afterAll(() => stage.close());

const record = (Action: 'UPSERT', Name: string, Value: string) =>
  new Route53Client({}).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: cobalt.zone.id,
      ChangeBatch: {
        Changes: [
          { Action, ResourceRecordSet: { Name, Type: 'CNAME', TTL: 300, ResourceRecords: [{ Value }] } },
        ],
      },
    }),
  );
const named = async (...names: string[]) =>
  (await ports.names.records(cobalt.zone.id)).filter(({ name }) => names.includes(name));

test('every hosted zone of the account is told', async () => {
  expect(await ports.names.zones()).toEqual([{ id: cobalt.zone.id, name: cobalt.zone.name, private: false }]);
});

test('records are taken away as they were shown, all in one batch or none', async () => {
  const [a, b] = ['a.myabf.com.au', 'b.myabf.com.au'];
  await record('UPSERT', a, 'one.example.com');
  await record('UPSERT', b, 'one.example.com');
  const shown = await named(a, b);
  await record('UPSERT', b, 'two.example.com');
  await expect(ports.names.removeExactly(cobalt.zone.id, shown)).rejects.toMatchObject({
    code: 'RECORD_CHANGED',
    exitCode: 3,
  });
  expect(await named(a, b)).toHaveLength(2);
  await ports.names.removeExactly(cobalt.zone.id, await named(a, b));
  expect(await named(a, b)).toEqual([]);
});

test('a posture is as old as the oldest of the newest versions that say the same', async () => {
  const write = async (words: object) => {
    await stage.sandbox.world.clock.skip(60_000);
    const { posture } = await stage.record();
    const text = JSON.stringify({ ...posture, ...words });
    stage.sandbox.world.parameters.put(parameterNames(cobalt).posture, text, 'String');
  };
  await write({ live: 'green' });
  await write({ live: 'blue' });
  const since = await ports.record.unchangedSince();
  await write({ n: 2 });
  expect(await ports.record.unchangedSince()).toEqual(since);
  await write({ access: 'frozen' });
  expect((await ports.record.unchangedSince()).getTime()).toBeGreaterThan(since.getTime());
});

test('a database is told with all that a template can state of it', async () => {
  const { description, pending, unstated } = (await ports.databases.describe('production-blue'))!;
  expect(description).toMatchObject({
    instance: 'production-blue',
    instanceClass: 'db.t3.large',
    port: 5432,
  });
  expect([pending, unstated]).toEqual([[], []]);
  expect(await ports.databases.describe('nobody')).toBeUndefined();
});
