import { keepBlockedEmails, putBackBlockedEmails } from '../../lib/upgrade/database/blocked-emails';
import { convertUsers } from '../../lib/upgrade/database/convert-users';
import { manage } from '../../lib/upgrade/database/manage';
import { migrate } from '../../lib/upgrade/database/migrate';
import type { Ports } from '../../lib/upgrade/ports';
import { makeReader } from '../../lib/upgrade/side/reader';
import { ByHand } from '../support/by-hand';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { source } from '../support/upgrade';

jest.setTimeout(180_000);
const blocked = 'notifications_unregisteredblockedemail';
let stage: Stage;
let ports: Ports;
let byHand: ByHand;
/** The system number that each address is blocked for, before the upgrade. */
let before: string[];

beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  byHand = new ByHand(stage.settings);
  await stage.deploy({}, { stacks: ['CobaltOperations', 'CobaltFence', 'CobaltGreen'] });
  ports = await stage.ports();
  await makeReader(ports);
  await byHand.beginSnapshot('production-blue', 'of-the-night');
  before = await blockedFor('production-blue', 'accounts_unregistereduser');
  expect(before).toHaveLength(20);
});
afterAll(() => stage.close());

async function blockedFor(database: string, people: 'accounts_unregistereduser' | 'accounts_user') {
  const rows = await stage.query(
    database,
    `SELECT b.email || ' for ' || p.system_number AS line FROM ${blocked} b
     LEFT JOIN ${people} p ON p.id = b.un_registered_user_id ORDER BY b.email`,
  );
  return rows.map(({ line }) => line);
}

/** `manage.py` as the page has it: on an instance of the new side, with the variables of the new database. */
function byPage(endpoint: string, command: string) {
  const instance = stage.sandbox.world.beanstalk
    .instances()
    .find(({ environment }) => environment === 'cobalt-production-green')!.id;
  return manage(ports, { instance, endpoint }, [command]);
}

describe('blocked e-mail addresses and the migration', () => {
  test('naively, left in place: the migration fails on the constraint', async () => {
    const endpoint = await byHand.restore('of-the-night', 'left-in-place');
    const { exitCode, stdout, stderr } = await byPage(endpoint, 'migrate');
    expect(exitCode).toBe(1);
    expect(`${stdout}${stderr}`).toContain('violates foreign key constraint');
  });

  test('naively, where every id is also the id of some user: it passes, and blocks the wrong people', async () => {
    const endpoint = await byHand.restore('of-the-night', 'with-equal-ids');
    await stage.query(
      'with-equal-ids',
      `DELETE FROM ${blocked} WHERE un_registered_user_id NOT IN (SELECT id FROM accounts_user)`,
    );
    const right = await blockedFor('with-equal-ids', 'accounts_unregistereduser');
    expect((await byPage(endpoint, 'migrate')).exitCode).toBe(0);
    expect((await byPage(endpoint, 'temp_copy_unreg_to_user')).exitCode).toBe(0);

    const wrong = await blockedFor('with-equal-ids', 'accounts_user');
    expect(wrong).toHaveLength(right.length);
    expect(wrong.filter((line) => right.includes(line))).toEqual([]);
  });

  test('as we do it, kept by number and put back after the conversion: the same people are blocked', async () => {
    const id = 'cobalt-production-green';
    const endpoint = await byHand.restore('of-the-night', id);
    const snapshot = 'of-the-night';
    await ports.record.writeDatabase({
      id,
      side: 'green',
      generation: 1,
      snapshot,
      source,
      endpoint,
      migrated: false,
    });
    await keepBlockedEmails(ports);
    expect(await blockedFor(id, 'accounts_unregistereduser')).toEqual([]);
    await migrate(ports);
    await convertUsers(ports);
    await putBackBlockedEmails(ports);
    expect(await blockedFor(id, 'accounts_user')).toEqual(before);
  });
});
