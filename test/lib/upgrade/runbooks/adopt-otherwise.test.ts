import { isRecorded } from '../../../../lib/upgrade/adopt/intended';
import type { Ports } from '../../../../lib/upgrade/ports';
import { adoptImport, adoptSeal } from '../../../../lib/upgrade/runbooks/adopt';
import { status } from '../../../../lib/upgrade/side/status';
import { makeOperations } from '../../../../lib/upgrade/steps/adopt/import';
import { endpointOf } from '../../../../sandbox/rds/state';
import { worldByHand } from '../../../../scripts/rehearsal/world-by-hand';
import { driveAs } from '../../../../scripts/terminal/runbook-script';
import { terminalOperator } from '../../../../scripts/terminal/terminal-operator';
import { quick } from '../../../support/quick';
import { Stage } from '../../../support/stage';
import { cobalt } from '../../../support/upgrade';

jest.setTimeout(240_000);

let stage: Stage;

/** AWS answers each question that is not established in the other way, and each environment has a role of its own. */
beforeAll(async () => {
  const plan = worldByHand(cobalt, (id) => endpointOf(cobalt.account, cobalt.region, id), { ownRoles: true });
  stage = await Stage.open(cobalt, {
    plan,
    durations: { ...quick, iamLagMs: 10_000 },
    switches: {
      duplicateVariableWins: 'environment',
      shellSeesSecrets: false,
      templateRedeploysVersion: false,
      adoptsIdenticalAlias: false,
      adoptsIdenticalAddress: false,
      importUpdatesEnvironment: true,
    },
  });
});
afterAll(() => stage?.close());

const quiet = { write: () => true };
/** What is confirmed of what somebody changed meanwhile. */
const words: string[] = [];
const operator = terminalOperator(
  { stdout: quiet, stderr: quiet },
  { yes: true, words, json: false, command: '' },
);

async function drive(act: typeof adoptImport, ports?: Ports) {
  const given = ports ?? (await stage.ports());
  return driveAs(given, act(given), operator);
}

/** Ports of a process that is killed after so many changes, besides trying what can be adopted. */
async function mortal(most: number): Promise<{ ports: Ports; changed: () => string | undefined }> {
  const ports = await stage.ports();
  let changed: string | undefined;
  let count = 0;
  const dying = <Part extends object>(part: Part, names: (keyof Part)[]): Part =>
    Object.assign(
      Object.create(part) as Part,
      Object.fromEntries(
        names.map((name) => [
          name,
          async (...given: unknown[]) => {
            const act = () => (part[name] as (...all: unknown[]) => Promise<unknown>)(...given);
            if (JSON.stringify(given).includes('robe')) return act();
            if (count === most) throw new Error('killed');
            await act();
            count += 1;
            if (count < most) return undefined;
            changed = String(name);
            throw new Error('killed');
          },
        ]),
      ),
    );
  return {
    ports: {
      ...ports,
      changeSets: dying(ports.changeSets, ['execute', 'removeStack']),
      environments: dying(ports.environments, ['update']),
      names: dying(ports.names, ['point', 'address']),
      secrets: dying(ports.secrets, ['create']),
      record: dying(ports.record, ['writeDatabase']),
    },
    changed: () => changed,
  };
}

const processes = () =>
  stage.sandbox.world.beanstalk
    .instances()
    .filter(({ state }) => state === 'running')
    .map(({ id, web }) => [id, web?.pid]);

test('an import that sets what its template states restarts nothing, for it is so already', async () => {
  const before = processes();
  await makeOperations(await stage.ports());
  expect((await drive(adoptImport)).error).toBeUndefined();
  expect(processes()).toEqual(before);
});

test('a record that somebody changed meanwhile is refused by its name', async () => {
  const ports = await stage.ports();
  const www = (await ports.names.records(cobalt.zone.id)).find(({ name }) => name === 'www.myabf.com.au')!;
  await ports.names.address(cobalt.zone.id, www.name, ['192.0.2.99'], 60);
  const { error } = await drive(adoptSeal);
  expect(error).toMatchObject({ code: 'WORLD_DIFFERS', exitCode: 3 });
  expect(String(error)).toContain('www.myabf.com.au: record: A 192.0.2.99');
  await ports.names.point(cobalt.zone.id, www.name, {
    name: www.target,
    zoneId: 'Z2PCDNR3VC2G1N',
  });
});

/** Runs again and again, the first killed after one change, each after one more than the last, until one ends by itself. */
async function untilItEnds(): Promise<{ error: unknown; killedAfter: string[] }> {
  const killedAfter: string[] = [];
  for (;;) {
    const { ports, changed } = await mortal(killedAfter.length + 1);
    const { error } = await drive(adoptSeal, ports);
    // The record that was put back is somebody's change too.
    const [, word] = /--confirm (changed-\w+)/.exec(String(error)) ?? [];
    if (word !== undefined && !words.includes(word)) {
      words.push(word);
      continue;
    }
    const last = changed();
    if (last === undefined || !error) return { error, killedAfter };
    killedAfter.push(last);
    if (killedAfter.length > 30) throw new Error(`It comes to no end: ${killedAfter.join(', ')}`);
  }
}

test('killed after any change it goes on; where no record is taken, it says so and leaves the names as they are', async () => {
  const { error, killedAfter } = await untilItEnds();
  expect(error).toMatchObject({ code: 'RECORDS_NOT_ADOPTABLE' });
  expect(killedAfter.length).toBeGreaterThan(2);
  const ports = await stage.ports();
  expect(await isRecorded(ports)).toBe(false);
  const records = await ports.names.records(cobalt.zone.id);
  expect(records.filter(({ name }) => name.startsWith('upgrade-probe'))).toEqual([]);
  expect(records.filter(({ name, alias }) => name === 'myabf.com.au' && alias)).toHaveLength(1);
});

test('where an alias is not taken but addresses are, each name comes into the stack by them, killed or not', async () => {
  stage.sandbox.world.switches.adoptsIdenticalAddress = true;
  const { error, killedAfter } = await untilItEnds();
  expect(error).toBeUndefined();
  expect(killedAfter.filter((each) => each === 'address').length).toBeGreaterThan(0);
  const { differences } = await status(await stage.ports());
  expect(differences.map(({ observed }) => observed)).toEqual(['does not exist', 'does not exist']);
});
