import { PreconditionError, UsageError } from '../lib/runbook/errors';
import { hasEnded } from '../lib/runbook/holder';
import { readJournalIfLegible } from '../lib/runbook/journal';
import { evidence, nowOfHolder, readLock, unlock } from '../lib/runbook/lock-file';
import { main, type Script } from './terminal/command';
import { alive, thisProcess } from './terminal/this-machine';

interface Options {
  confirm?: string;
  end?: boolean;
}

interface Unlocked {
  evidence: string[];
  /** What the lock says now: whose run may be gone on with, or that another may begin. */
  state: 'held' | 'kept' | 'free' | 'absent';
  run: string | undefined;
  runbook: string | undefined;
  /** Whether a process drives the run, as far as this machine can tell. */
  driven: boolean;
  changed: boolean;
}

export const script: Script<Options, Unlocked> = {
  name: 'unlock',
  description:
    'Shows who drives which run, and where it stands; with --confirm, takes the lock from whoever has it.',
  options: (command) =>
    command
      .option('--confirm <run>', 'the name of the run, to take the lock: it can be gone on with at once')
      .option('--end', 'with --confirm: the run is given up, and another can begin'),
  act: async ({ options, ports: connect }) => {
    if (options.end && options.confirm === undefined)
      throw new UsageError('COMMAND_LINE', {
        so: 'With --end the name of the run must be given too.',
        changed: 'Nothing was changed.',
        next: 'Read what npm run unlock says; then: npm run unlock -- --confirm RUN --end',
      });
    const { objects, clock } = await connect();
    const found = await readLock(objects);
    if (!found)
      return {
        evidence: ['No run was ever begun.'],
        state: 'absent',
        run: undefined,
        runbook: undefined,
        driven: false,
        changed: false,
      };
    const { lock } = found;
    const seen = evidence(
      lock,
      await readJournalIfLegible(objects, lock.run),
      nowOfHolder(found, clock),
      alive,
    );
    const driven = lock.state === 'held' && !hasEnded(lock.holder, alive);
    const { state: stands, run, runbook } = lock;
    const shown = { evidence: seen, state: stands, run, runbook, driven, changed: false };
    if (options.confirm === undefined || lock.state === 'free') return shown;
    if (options.confirm !== lock.run)
      throw new PreconditionError('ANOTHER_RUN', {
        so: `The lock is of the run ${lock.run}, not of ${options.confirm}. ${seen.join(' ')}`,
        next: `Read this, then: npm run unlock -- --confirm ${lock.run}`,
      });
    const state = options.end ? 'free' : 'kept';
    const by = thisProcess();
    if (!(await unlock(objects, clock, found, { state, by, reason: 'npm run unlock' })))
      throw new PreconditionError('LOCK_CHANGED', {
        so: `The lock of ${lock.run} changed while it was looked at: somebody drives that run.`,
        next: 'Run npm run unlock again and read what it says.',
      });
    return { ...shown, state, driven: false, changed: true };
  },
  print: ({ evidence, state, run, runbook, driven, changed }) => {
    const goOn = `To go on with it: npm run ${runbook}. To give it up: npm run unlock -- --confirm ${run} --end`;
    const next: Record<Unlocked['state'], string> = {
      absent: 'Nothing is locked.',
      free: 'Nothing is locked: a new run can begin.',
      held: driven ? `To take it all the same: npm run unlock -- --confirm ${run}` : goOn,
      kept: goOn,
    };
    return [...evidence, ...(changed ? ['The lock was taken.'] : []), next[state]].join('\n');
  },
};

if (require.main === module) main(script);
