import { parameterNames } from '../../../../lib/names';
import { movedTables, restingEvidence } from '../../../../lib/upgrade/database/at-rest';
import { proveFrozen } from '../../../../lib/upgrade/database/prove-frozen';
import type { Ports } from '../../../../lib/upgrade/ports';
import { releaseJobs, restEvidence, startJobs, stopJobs } from '../../../../lib/upgrade/side/jobs';
import { makeReader } from '../../../../lib/upgrade/side/reader';
import { before, cobalt, original } from '../../../support/upgrade';
import { rejection, UpgradeWorld } from '../../../support/upgrade-world';

const blue = original('blue').endpoint!;
const secret = parameterNames(cobalt).secret;
const payments = cobalt.variables.payments.map(secret);
let world: UpgradeWorld;

beforeAll(async () => {
  world = await UpgradeWorld.open();
});
afterAll(() => world.close());

const declare = (access: 'open' | 'frozen') => {
  world.record = before(cobalt);
  world.record.posture.access = access;
  world.relaunch();
};

describe('jobs', () => {
  beforeEach(() => {
    declare('open');
    world.suspended.clear();
    world.said.length = 0;
  });
  const ofBlue = () => world.instances.filter(({ role }) => role.startsWith('cobalt-production-blue'));

  it('stop: nothing is launched, cron is stopped and disabled, the other side is left alone', async () => {
    const result = await stopJobs(world.ports, 'blue');
    expect(result.already).toBe(false);
    expect(result.groups.map((group) => world.suspended.get(group))).toEqual([
      ['Launch', 'ReplaceUnhealthy'],
      ['Launch', 'ReplaceUnhealthy'],
    ]);
    expect(ofBlue().map(({ cron }) => cron.running || cron.enabled)).toEqual([false, false]);
    expect(world.suspended.size).toBe(2);
    expect((await stopJobs(world.ports, 'blue')).already).toBe(true);
  });

  it('stop: waits for a running command to end, says which, and does not kill it', async () => {
    const [instance] = ofBlue();
    const command = world.cronCommand(instance!, 'post_office_email_sender_cron');
    const endsAtMs = world.clock.nowMs() + 90_000;
    world.clock.at(endsAtMs, 'end of the command', () => instance!.end(command));
    await stopJobs(world.ports, 'blue');
    expect(world.clock.nowMs()).toBeGreaterThanOrEqual(endsAtMs);
    expect(world.said.join('\n')).toContain(
      `waiting for ${command.pid} post_office_email_sender_cron to end`,
    );
  });

  it('stop: waits for no command that the tool runs itself', async () => {
    const [instance] = ofBlue();
    const own = { ...instance!.deployed, UPGRADE_COMMAND: '1' };
    instance!.start(['python', 'manage.py', 'migrate'], own);
    expect((await stopJobs(world.ports, 'blue')).already).toBe(false);
    expect(world.said.join('\n')).not.toContain('waiting for');
    expect(await restEvidence(world.ports, 'blue')).not.toContainEqual(
      expect.objectContaining({ holds: false }),
    );
  });

  it('stop: gives up waiting after half an hour', async () => {
    const [instance] = ofBlue();
    world.cronCommand(instance!, 'auto_pay_batch');
    const secondsAsked: number[] = [];
    const instances: Ports['instances'] = {
      ...world.ports.instances,
      run: async (id, script, args, options) => {
        if (script !== 'wait-for-commands') return world.ports.instances.run(id, script, args, options);
        secondsAsked.push(Number(args[0]));
        return { commandId: 'c', exitCode: 0, stdout: 'running 2104 auto_pay_batch\n', stderr: '' };
      },
    };
    const error = await rejection(stopJobs({ ...world.ports, instances }, 'blue'));
    expect(secondsAsked.reduce((sum, seconds) => sum + seconds)).toBe(30 * 60);
    expect(error).toMatchObject({ code: 'COMMANDS_STILL_RUNNING', exitCode: 4 });
    expect(error.text.so).toContain('auto_pay_batch');
    expect(instance!.processes.size).toBe(4);
  });

  it('stop: names an instance that cannot be asked, and tells what it did before', async () => {
    ofBlue()[1]!.managed = false;
    const error = await rejection(stopJobs(world.ports, 'blue'));
    expect(error).toMatchObject({ code: 'INSTANCE_UNREACHABLE', exitCode: 4 });
    expect(error.text.changed).toContain('Its groups launch nothing any more');
    expect(error.text.next).toContain(`terminate-instances --instance-ids ${ofBlue()[1]!.id}`);
  });

  it('stop: refuses while an environment is not Ready, and has suspended nothing', async () => {
    world.environmentStatus.set('cobalt-ses-production-green', 'Updating');
    const error = await rejection(stopJobs(world.ports, 'blue'));
    world.environmentStatus.clear();
    expect(error).toMatchObject({ code: 'ENVIRONMENT_NOT_READY', exitCode: 3 });
    expect(world.suspended.size).toBe(0);
  });

  it('release: resumes what stop suspended and nothing else', async () => {
    const group = 'group-of-cobalt-production-blue';
    await stopJobs(world.ports, 'blue');
    world.suspended.get(group)!.push('AZRebalance');
    expect((await releaseJobs(world.ports, 'blue')).already).toBe(false);
    expect(world.suspended.get(group)).toEqual(['AZRebalance']);
    expect((await releaseJobs(world.ports, 'blue')).already).toBe(true);
  });

  it('start: starts cron on an open live side', async () => {
    await stopJobs(world.ports, 'blue');
    expect((await startJobs(world.ports, 'blue')).already).toBe(false);
    expect(ofBlue().map(({ cron }) => cron.running && cron.enabled)).toEqual([true, true]);
    expect((await startJobs(world.ports, 'blue')).already).toBe(true);
  });

  it.each([
    ['the side is not live', 'open', 'green'],
    ['the side is frozen', 'frozen', 'blue'],
  ] as const)('start: refuses when %s', async (_, access, side) => {
    declare(access);
    expect(await rejection(startJobs(world.ports, side))).toMatchObject({
      code: 'SIDE_NOT_OPEN',
      exitCode: 3,
    });
    expect(world.instances.some(({ cron, role }) => role.includes(side) && cron.running)).toBe(false);
  });
});

describe('the reader', () => {
  const asReader = async (sql: string) => {
    const client = await world.clusters
      .get(blue)!
      .connectAs('cobalt_reader', world.secrets.get(secret('RDS_READER_PASSWORD'))!, 'ebdb');
    return client.query(sql).finally(() => client.end());
  };
  const tables = () => world.count(blue, "pg_tables WHERE schemaname = 'public'");
  beforeAll(() => declare('open'));

  it('is made with a password that is shown nowhere', async () => {
    expect(await makeReader(world.ports)).toMatchObject({ already: false, tables: await tables() });
    expect(world.said.join('\n')).not.toContain(world.secrets.get(secret('RDS_READER_PASSWORD')));
  });

  it('may be made again', async () => {
    expect(await makeReader(world.ports)).toMatchObject({ already: true, tables: await tables() });
  });

  it('reads, and is refused a write even when it asks for a transaction that writes', async () => {
    expect((await asReader('SELECT count(*) FROM accounts_user')).rows).toEqual([{ count: '400' }]);
    await expect(asReader('DELETE FROM accounts_user')).rejects.toMatchObject({ code: '25006' });
    await expect(asReader('BEGIN READ WRITE; DELETE FROM accounts_user')).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('reads tables that the writing login makes later', async () => {
    await world.query(blue, (client) => client.query('CREATE TABLE made_later (id serial, name text)'));
    expect((await asReader('SELECT * FROM made_later')).rows).toEqual([]);
    await world.query(blue, (client) => client.query('DROP TABLE made_later'));
  });

  it('loses every other right it had', async () => {
    await world.query(blue, (client) =>
      client.query(`GRANT ALL ON accounts_user TO cobalt_reader; GRANT UPDATE (email) ON accounts_user TO PUBLIC;
        ALTER ROLE cobalt_reader SET default_transaction_read_only = off`),
    );
    await makeReader(world.ports);
    await expect(asReader("BEGIN READ WRITE; UPDATE accounts_user SET email = ''")).rejects.toMatchObject({
      code: '42501',
    });
    await expect(asReader('DELETE FROM accounts_user')).rejects.toMatchObject({ code: '25006' });
  });

  it('is no reader while it can write a table that is not the writing login’s to take away', async () => {
    const admin = await world.clusters.get(blue)!.connect('ebdb');
    await admin.query('CREATE TABLE other (id integer); GRANT ALL ON other TO PUBLIC');
    const error = await rejection(makeReader(world.ports));
    await admin.query('DROP TABLE other');
    await admin.end();
    expect(error).toMatchObject({ code: 'READER_NOT_READ_ONLY', exitCode: 4 });
    expect(error.text.so).toContain('public.other');
  });

  it('cannot be made with a password that the database refuses', async () => {
    const parameter = secret(cobalt.database.writer.secret);
    const right = world.secrets.get(parameter)!;
    world.secrets.set(parameter, 'wrong');
    const error = await rejection(makeReader(world.ports));
    world.secrets.set(parameter, right);
    expect(error).toMatchObject({ code: 'DATABASE_REFUSES_PASSWORD', exitCode: 3 });
  });

  it('cannot be made by an instance that may not read the secret', async () => {
    world.denied.add(secret(cobalt.database.writer.secret));
    const error = await rejection(makeReader(world.ports));
    world.denied.clear();
    expect(error).toMatchObject({ code: 'SECRET_UNREADABLE', exitCode: 3 });
    expect(error.text.so).toContain('/cobalt/production/secrets/RDS_PASSWORD');
  });
});

describe('rows at rest', () => {
  const faults = async () =>
    (await restingEvidence(world.ports))
      .filter(({ holds }) => !holds)
      .map(({ what, observed }) => `${what}: ${observed}`);
  beforeEach(() => declare('open'));

  it('are at rest while a session is idle, whatever it might do', async () => {
    await world.query(blue, async (client) => {
      await client.query('SELECT 1');
      expect(await faults()).toEqual([]);
    });
  });

  it('are not while a transaction is open that wrote nothing visible yet', async () => {
    await world.query(blue, async (client) => {
      await client.query('BEGIN');
      await client.query('UPDATE accounts_user SET last_activity = now() WHERE id = 7');
      expect(await faults()).toEqual([
        expect.stringMatching(
          /^open transactions of postgres that are not the tool's: \d+ \S+ idle in trans/,
        ),
      ]);
      await client.query('ROLLBACK');
    });
  });

  it('are not while rows are written', async () => {
    world.clock.at(world.clock.nowMs() + 5_000, 'somebody writes', async () => {
      await world.query(blue, (client) =>
        client.query('UPDATE accounts_user SET last_activity = now() WHERE id = 7'),
      );
    });
    expect(await faults()).toEqual(['tables written within 15 seconds: public.accounts_user (1)']);
  });
});

describe('the proof of a freeze', () => {
  const faults = async () => {
    const { holds, evidence } = await proveFrozen(world.ports);
    const violated = evidence.filter((each) => !each.holds);
    expect(holds).toBe(violated.length === 0);
    return violated.map(({ what, observed }) => `${what}: ${observed}`);
  };
  beforeAll(() => {
    for (const group of ['cobalt-production-blue', 'cobalt-ses-production-green'])
      world.suspended.set(`group-of-${group}`, ['Launch', 'ReplaceUnhealthy']);
    for (const name of payments) world.denied.add(name);
  });
  beforeEach(() => declare('frozen'));

  it('holds for a frozen side', async () => {
    expect(await faults()).toEqual([]);
  });

  it('is refused for a side that was never declared frozen', async () => {
    declare('open');
    expect(await rejection(proveFrozen(world.ports))).toMatchObject({
      code: 'NOT_DECLARED_FROZEN',
      exitCode: 3,
    });
  });

  it('sees a process that still obeys the open side: its login, its maintenance mode, its keys', async () => {
    for (const instance of world.instances.splice(0)) instance.terminate();
    world.launch('blue', 'web', { access: 'open' }).cron.running = false;
    world.launch('blue', 'ses');
    const text = (await faults()).join('\n');
    expect(text).toContain('UPGRADE_POSTURE of process 2101 on i-00000000000000001: open@1');
    expect(text).toContain('RDS_USERNAME of process 2101 on i-00000000000000001: postgres');
    expect(text).toContain('MAINTENANCE_MODE of process 2103 on i-00000000000000001: OFF');
    expect(text).toContain('STRIPE_SECRET_KEY of process 2102 on i-00000000000000001: armed');
    expect(text).toContain('the jobs of i-00000000000000001: running');
  });

  it('sees a session of the writing login', async () => {
    await world.query(blue, async () => {
      expect((await faults()).join('\n')).toMatch(
        /^sessions of postgres that are not the tool's: \d+ 127\.0\.0\.1 idle$/,
      );
    });
  });

  it('sees rows move, whoever moves them', async () => {
    const admin = await world.clusters.get(blue)!.connect('ebdb');
    const cancel = world.clock.every(5_000, 'a writer', async () => {
      await admin.query('UPDATE accounts_user SET last_activity = now() WHERE id = 7');
      await admin.query('SELECT pg_stat_force_next_flush()');
    });
    const found = await faults();
    cancel();
    await admin.end();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^tables written within 15 seconds: public\.accounts_user \(\d+\)$/);
  });

  it('sees a payment parameter that an instance may read', async () => {
    world.denied.delete(payments[0]!);
    const found = await faults();
    world.denied.add(payments[0]!);
    expect(found).toHaveLength(2);
    expect(found[0]).toBe(`${payments[0]} to i-00000000000000001: readable`);
  });

  it('sees a group that may launch, and a visitor who is let in', async () => {
    world.suspended.set('group-of-cobalt-production-blue', []);
    world.visitors.set('www.myabf.com.au', 302);
    const found = await faults();
    world.suspended.set('group-of-cobalt-production-blue', ['Launch']);
    world.visitors.clear();
    expect(found).toEqual([
      'what cobalt-production-blue may launch: instances',
      'https://www.myabf.com.au/ to a visitor: 302',
      'https://www.myabf.com.au/ to a web hook: 302',
    ]);
  });

  it('takes a closed connection for a refusal', async () => {
    world.visitors.set('myabf.com.au', 0);
    expect(await faults()).toEqual([]);
    world.visitors.clear();
  });

  it('counts a table that appears or disappears meanwhile as written', () => {
    expect(movedTables(['before a 1', 'before b 2', 'after a 1', 'after c 3'])).toEqual(['b (-2)', 'c (3)']);
  });
});
