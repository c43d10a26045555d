import { StepFailedError } from '../../runbook/errors';
import { counts, loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { chooseInstance } from '../side/choose-instance';
import { amend, recordedCopy } from './copy';

export interface SessionsResult {
  already: boolean;
  database: string;
  /** How many sessions were removed. */
  removed: number;
}

/** Empties the copy's sessions: whoever was logged in on the old side is not on the new one. */
export async function emptySessions(ports: Ports): Promise<SessionsResult> {
  const { target, database, endpoint } = await recordedCopy(ports);
  const { sessionTable: sessions } = ports.settings;
  if (!sessions) {
    ports.progress('the settings name no table of sessions');
    return { already: true, database: database.id, removed: 0 };
  }
  const instance = await chooseInstance(ports, target);
  ports.progress(`${instance}: emptying ${sessions} of ${database.id}`);
  const lines = await onInstance(
    ports,
    instance,
    'empty-sessions',
    [...loginArguments(ports.settings, endpoint, 'writer'), sessions],
    { begun: `Rows of ${sessions} of ${database.id} may be removed.` },
  );
  const { found, left } = counts(lines);
  if (found === undefined || left !== 0)
    throw new StepFailedError('SESSIONS_LEFT', {
      so: `${sessions} of ${database.id} has ${left ?? 'an unknown number of'} rows left, not 0.`,
      changed: `Of ${found ?? 'an unknown number of'} rows some may be removed.`,
      next: 'Run npm run sessions -- empty again.',
    });
  if (!database.sessionsEmptied) await amend(ports, database.id, { sessionsEmptied: true });
  return { already: database.sessionsEmptied === true && found === 0, database: database.id, removed: found };
}
