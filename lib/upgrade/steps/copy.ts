import { type DatabaseRecord, databaseInTheMaking, databaseOf, type Recorded } from '../../record';
import { UpgradeError } from '../../runbook/errors';
import { type Evidence, fact, type Step } from '../../runbook/step';
import { keepBlockedEmails } from '../database/blocked-emails';
import { migrate } from '../database/migrate';
import { beginRestore, lookAtCopy, recordRestored } from '../database/restore';
import { emptySessions } from '../database/sessions';
import { beginSnapshot, snapshotEvidence } from '../database/snapshot';
import { verifyCopy } from '../database/verify-copy';
import { warm } from '../database/warm';
import { condition, type Night, recorded, step, told } from './night';

/** The database being made for the new side, or the one it has once it is live. */
export function copyOf({ to }: Night, record: Recorded): DatabaseRecord | undefined {
  return databaseInTheMaking(record, to) ?? (record.posture.live === to ? databaseOf(record, to) : undefined);
}

/** U4. */
export function snapshot(night: Night): Step {
  const { ports, from } = night;
  return step(night, 'frozen', {
    id: 'snapshot',
    title: `Take a snapshot of the database of ${from}`,
    seed: ['U4'],
    after: ['at-rest', 'record-frozen'],
    minutes: 8,
    deadlineMinutes: 120,
    calls: ['ssm PutParameter', 'rds CreateDBSnapshot'],
    byHand: 'npm run snapshot',
    postconditions: [condition('the snapshot is available', () => snapshotEvidence(ports))],
    act: async () => {
      // The step before proves that nobody writes, in each run and after each resume.
      const { making, source } = await beginSnapshot(ports, async () => {});
      return [fact(`what ${making.snapshot} is of`, source, source)];
    },
  });
}

/** U5, until the copy accepts connections: RDS calls it available only after a first backup. */
export function restore(night: Night): Step {
  const { ports, to } = night;
  let accepting: string | undefined;
  return step(night, 'frozen', {
    id: 'restore',
    title: `Restore it as the database of ${to}`,
    seed: ['U5'],
    after: ['snapshot'],
    minutes: 15,
    deadlineMinutes: 120,
    calls: ['cloudformation CreateStack', 'cloudformation SetStackPolicy', 'ssm PutParameter'],
    touches: ['databases'],
    byHand: 'npm run restore',
    postconditions: [
      condition('the copy accepts connections and is recorded', async () => {
        const seen = await lookAtCopy(ports);
        accepting = seen.accepting;
        return seen.evidence;
      }),
    ],
    act: async () => {
      const { stack } = await beginRestore(ports);
      if (accepting) await recordRestored(ports, accepting);
      return [fact('the stack of the copy', stack, stack)];
    },
    // The stack goes on for minutes after the copy accepts connections: what comes next then is to record it.
    underway: async () => accepting === undefined,
    attempts: 3,
  });
}

/** U5: a restored volume comes from S3 block by block, when each is touched first. Beside what follows; the copy is good without. */
export function warmCopy(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'warm',
    title: 'Read every table and index of the copy once',
    seed: ['U5'],
    after: ['restore'],
    minutes: 5,
    calls: [],
    byHand: 'npm run warm',
    act: async () => {
      try {
        const { tables, indexes, partly } = await warm(ports);
        return [told('tables and indexes read', `${tables} and ${indexes}, of these ${partly} partly`)];
      } catch (error) {
        if (!(error instanceof UpgradeError)) throw error;
        return [told('why the copy is not warm', error.text.so)];
      }
    },
  });
}

/** U5, proved while nothing has changed the copy yet. */
export function verify(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'verify',
    title: 'Every table of the copy equals the frozen one',
    seed: ['U5'],
    after: ['restore'],
    minutes: 1,
    deadlineMinutes: 90,
    calls: ['on instance: fingerprint', 'ssm PutParameter'],
    byHand: 'npm run verify',
    postconditions: [
      recorded(night, 'tables and rows that are equal', 'all', (record) => {
        const verified = copyOf(night, record)?.verified;
        return verified && `${verified.tables} tables, ${verified.rows} rows`;
      }),
    ],
    act: async () => {
      const { tables, rows, sequences, checksums } = await verifyCopy(ports);
      return [
        equal('tables', tables),
        equal('rows', rows),
        equal('sequences', sequences),
        equal('checksums', checksums),
      ];
    },
  });
}

const equal = (what: string, count: number): Evidence => fact(`equal ${what}`, String(count), String(count));

/** P6, from the frozen data: a copy taken days before would lack the addresses added since. */
export function keepBlocked(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'keep-blocked-emails',
    title: 'Keep the blocked e-mails by number, and clear them',
    seed: ['P6'],
    after: ['verify'],
    minutes: 0.2,
    calls: ['on instance: keep-blocked-emails', 'ssm PutParameter'],
    byHand: 'npm run blocked-emails -- keep',
    postconditions: [
      recorded(night, 'blocked addresses kept', 'a number', (record) =>
        copyOf(night, record)?.blockedEmails?.kept.toString(),
      ),
    ],
    act: async () => {
      const { kept } = await keepBlockedEmails(ports);
      return [fact('blocked addresses kept', String(kept), String(kept))];
    },
  });
}

/** U6. */
export function runMigrations(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'migrate',
    title: 'Migrate the copy',
    seed: ['U6'],
    after: ['verify', 'keep-blocked-emails'],
    minutes: 5,
    deadlineMinutes: 240,
    calls: ['on instance: manage', 'on instance: make-reader', 'ssm PutParameter'],
    byHand: 'npm run migrate',
    postconditions: [
      recorded(night, 'migrations left', 'none', (record) =>
        copyOf(night, record)?.migrated ? 'none' : undefined,
      ),
    ],
    act: async () => {
      const { instance } = await migrate(ports);
      return [fact('where it was migrated', instance, instance)];
    },
  });
}

/** Nearly every browser is logged in: nobody is on the new side until they log in. */
export function empty(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'empty-sessions',
    title: 'Empty the sessions of the copy',
    seed: ['U6'],
    after: ['verify'],
    minutes: 0.2,
    calls: ['on instance: empty-sessions', 'ssm PutParameter'],
    byHand: 'npm run sessions -- empty',
    postconditions: [
      recorded(night, 'sessions in the copy', 'none', (record) =>
        copyOf(night, record)?.sessionsEmptied ? 'none' : undefined,
      ),
    ],
    act: async () => {
      const { removed } = await emptySessions(ports);
      return [fact('sessions removed', String(removed), String(removed))];
    },
  });
}
