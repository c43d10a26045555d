import type { TestSystemRecord } from '../../record';
import { type Evidence, fact, type Step } from '../../runbook/step';
import { keepBlockedEmails, putBackBlockedEmails } from '../database/blocked-emails';
import { convertUsers } from '../database/convert-users';
import { migrate } from '../database/migrate';
import type { Ports } from '../ports';
import * as system from '../test-system/test-system';
import * as copying from '../test-system/test-system-copy';
import { condition, told } from './night';
import { plainStep } from './plain-step';

/** What the steps share: the world, and the generation that the copy to be made must be beyond. */
export interface TestRun {
  ports: Ports;
  beyond: number;
}

/** The copy of this run; undefined until it is recorded. */
async function copyOf({ ports, beyond }: TestRun): Promise<TestSystemRecord | undefined> {
  const recorded = await ports.record.readTestSystem();
  return recorded && recorded.generation > beyond ? recorded : undefined;
}

/** What is so of the copy, once there is one. */
const ofCopy = (run: TestRun, sentence: string, look: (copy: TestSystemRecord) => Promise<Evidence[]>) =>
  condition(sentence, async () => {
    const copy = await copyOf(run);
    return copy ? look(copy) : [fact('the copy of this run', 'not recorded', 'recorded')];
  });

const isRecorded = (run: TestRun, what: string, seen: (copy: TestSystemRecord) => unknown) =>
  ofCopy(run, `it is recorded as ${what}`, async (copy) => [
    fact(`the record of ${copy.id}`, seen(copy) ? what : `not ${what}`, what),
  ]);

/** An act on the copy; what it found out is told. */
const onCopy = (run: TestRun, act: (copy: TestSystemRecord) => Promise<Evidence[] | unknown>) => async () => {
  const found = await act((await copyOf(run))!);
  return Array.isArray(found) ? (found as Evidence[]) : [];
};

const changing = 'elasticbeanstalk UpdateEnvironment';

export const apart = (run: TestRun): Step =>
  plainStep({
    id: 'apart',
    title: 'The test system has nothing in common with production',
    seed: ['S1'],
    after: [],
    minutes: 1,
    byHand: 'Compare its names, role, database and secrets with those of both sides.',
    postconditions: [condition('it is apart', () => system.requireApart(run.ports))],
  });

export const version = (run: TestRun): Step =>
  plainStep({
    id: 'version',
    title: 'Install the latest code',
    seed: ['S1'],
    after: ['apart'],
    minutes: 5,
    deadlineMinutes: 60,
    calls: [changing],
    touches: ['test-system'],
    byHand: `eb deploy ${system.testSystemOf(run.ports).environment.name} --version ${system.testSystemOf(run.ports).versionLabel}`,
    postconditions: [condition('the version runs', () => system.versionEvidence(run.ports))],
    act: async () => {
      await system.deployVersion(run.ports);
      return [];
    },
    underway: () => system.isBeingChanged(run.ports),
    attempts: 2,
  });

export const variables = (run: TestRun): Step =>
  plainStep({
    id: 'variables',
    title: 'Let it read what is synced, and mail nobody',
    seed: ['S2'],
    after: ['version'],
    minutes: 5,
    deadlineMinutes: 60,
    calls: [changing],
    touches: ['test-system'],
    byHand: 'Set the variables in Elastic Beanstalk.',
    postconditions: [condition('every process has them', () => system.variablesEvidence(run.ports))],
    act: async () => {
      await system.setVariables(run.ports);
      return [];
    },
    underway: () => system.isBeingChanged(run.ports),
    attempts: 2,
  });

export const snapshot = (run: TestRun): Step =>
  plainStep({
    id: 'snapshot',
    title: "Take a snapshot of the live side's database",
    seed: ['S3'],
    after: ['apart'],
    minutes: 8,
    deadlineMinutes: 240,
    calls: ['ssm PutParameter', 'rds CreateDBSnapshot'],
    byHand: 'aws rds create-db-snapshot',
    gate: async () => ({
      will: [
        'A snapshot of the live database is taken while people use it: where it has one zone only, its disk may pause for seconds to minutes.',
        `The test system ${system.testSystemOf(run.ports).environment.name} gets the latest code, and in the end a sanitised copy of production's data in the place of its database.`,
      ],
      check: ['Nobody is in the middle of something on the test system.'],
    }),
    postconditions: [
      ofCopy(run, 'the snapshot is available', (copy) => copying.snapshotForTestEvidence(run.ports, copy)),
    ],
    act: async () => {
      const recorded = await run.ports.record.readTestSystem();
      const begun = await copyOf(run);
      await copying.beginSnapshotForTest(run.ports, begun?.generation ?? (recorded?.generation ?? 0) + 1);
      return [];
    },
  });

export const restore = (run: TestRun): Step =>
  plainStep({
    id: 'restore',
    title: 'Restore it for the test system',
    seed: ['S3'],
    after: ['snapshot'],
    minutes: 16,
    deadlineMinutes: 240,
    calls: ['rds RestoreDBInstanceFromDBSnapshot', 'ssm PutParameter'],
    byHand: 'aws rds restore-db-instance-from-db-snapshot',
    postconditions: [
      ofCopy(run, 'it accepts connections', async (copy) => copying.lookAtTestCopy(run.ports, copy)),
    ],
    act: onCopy(run, (copy) => copying.beginRestoreForTest(run.ports, copy)),
    reads: 3,
  });

export const password = (run: TestRun): Step =>
  plainStep({
    id: 'password',
    title: "Make production's passwords useless on the copy",
    seed: ['S3'],
    after: ['restore'],
    minutes: 1,
    calls: ['ssm PutParameter', 'on instance: change-password'],
    byHand: 'aws rds modify-db-instance --master-user-password; ALTER ROLE ... NOLOGIN for every other login',
    postconditions: [
      isRecorded(run, 'restored', ({ endpoint }) => endpoint),
      ofCopy(run, 'production cannot log in, the test system can', (copy) =>
        copying.passwordEvidence(run.ports, copy),
      ),
    ],
    act: onCopy(run, async (copy) => {
      if (!copy.endpoint) await copying.recordTestEndpoint(run.ports, copy);
      await copying.changePassword(run.ports, (await copyOf(run))!);
    }),
  });

export const sanitise = (run: TestRun): Step =>
  plainStep({
    id: 'sanitise',
    title: 'Make its data harmless',
    seed: ['S3'],
    after: ['password', 'variables'],
    minutes: 2,
    calls: ['on instance: manage', 'ssm PutParameter'],
    byHand: `./manage.py ${system.testSystemOf(run.ports).sanitise.command.join(' ')} with the variables of the copy`,
    postconditions: [isRecorded(run, 'sanitised', ({ sanitised }) => sanitised)],
    act: onCopy(run, (copy) => copying.sanitise(run.ports, copy)),
  });

const readied = (
  run: TestRun,
  act: (given: Awaited<ReturnType<typeof copying.readiedForTest>>) => Promise<unknown>,
) => onCopy(run, async (copy) => void (await act(await copying.readiedForTest(run.ports, copy))));

export const keepBlocked = (run: TestRun): Step =>
  plainStep({
    id: 'keep-blocked-emails',
    title: 'Keep the blocked e-mail addresses by number',
    seed: ['S4'],
    after: ['sanitise'],
    minutes: 0.5,
    calls: ['on instance: keep-blocked-emails', 'ssm PutParameter'],
    byHand: 'As npm run blocked-emails -- keep does.',
    postconditions: [isRecorded(run, 'kept', ({ blockedEmails }) => blockedEmails)],
    act: readied(run, (given) => keepBlockedEmails(run.ports, given)),
  });

export const migrations = (run: TestRun): Step =>
  plainStep({
    id: 'migrate',
    title: 'Migrate it',
    seed: ['S4'],
    after: ['sanitise', 'keep-blocked-emails'],
    minutes: 5,
    calls: ['on instance: manage', 'ssm PutParameter'],
    byHand: './manage.py migrate',
    postconditions: [isRecorded(run, 'migrated', ({ migrated }) => migrated)],
    act: readied(run, (given) => migrate(run.ports, given)),
  });

export const convert = (run: TestRun): Step =>
  plainStep({
    id: 'convert',
    title: 'Convert the users',
    seed: ['S5'],
    after: ['migrate'],
    minutes: 4,
    calls: ['on instance: manage', 'ssm PutParameter'],
    byHand: `./manage.py ${run.ports.settings.conversion?.command.join(' ')}`,
    postconditions: [isRecorded(run, 'converted', ({ converted }) => converted)],
    act: readied(run, (given) => convertUsers(run.ports, given)),
  });

export const putBack = (run: TestRun): Step =>
  plainStep({
    id: 'put-back-blocked-emails',
    title: 'Put the blocked e-mail addresses back',
    seed: ['S5'],
    after: ['convert'],
    minutes: 0.5,
    calls: ['on instance: put-back-blocked-emails', 'ssm PutParameter'],
    byHand: 'As npm run blocked-emails -- put-back does.',
    postconditions: [
      isRecorded(run, 'put back', ({ blockedEmails }) => blockedEmails?.putBack !== undefined),
    ],
    act: readied(run, (given) => putBackBlockedEmails(run.ports, given)),
  });

export const sync = (run: TestRun): Step =>
  plainStep({
    id: 'sync',
    title: 'Fill the tables of the sync',
    seed: ['S6'],
    after: ['migrate', 'convert'],
    minutes: 180,
    deadlineMinutes: 48 * 60,
    calls: ['on instance: manage', 'ssm PutParameter'],
    byHand: `./manage.py ${run.ports.settings.sync?.command.join(' ')}`,
    postconditions: [isRecorded(run, 'synced', ({ synced }) => synced)],
    act: onCopy(run, async (copy) => [
      told(`rows that ${copy.id} has of it`, String(await copying.syncForTest(run.ports, copy))),
    ]),
  });

/** Last of all the test system is pointed at it. */
export const point = (run: TestRun): Step =>
  plainStep({
    id: 'point',
    title: 'Point the test system at it',
    seed: ['S3'],
    after: ['sanitise', 'migrate', 'convert', 'put-back-blocked-emails', 'sync'],
    minutes: 5,
    deadlineMinutes: 60,
    calls: ['ssm PutParameter', changing],
    touches: ['test-system'],
    byHand: 'Set the RDS variables in Elastic Beanstalk.',
    preconditions: [
      ofCopy(
        run,
        'the copy is harmless',
        async (copy) => (await copying.harmlessEvidence(run.ports, copy)).evidence,
      ),
    ],
    postconditions: [
      isRecorded(run, 'in use', ({ inUse }) => inUse),
      ofCopy(run, 'every process uses it', (copy) => system.variablesEvidence(run.ports, copy)),
    ],
    act: onCopy(run, async (copy) => {
      const replaced = copy.replaced ?? (await system.databaseInUse(run.ports));
      await run.ports.record.writeTestSystem({ ...copy, replaced, inUse: true });
      await system.setVariables(run.ports, copy);
      return [told('the database it used before, which nobody needs now', replaced)];
    }),
    underway: () => system.isBeingChanged(run.ports),
    attempts: 2,
    reads: 2,
  });
