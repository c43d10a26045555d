import type { UpgradeError } from '../runbook/errors';

/** Something cannot be looked at while an environment restarts or a connection breaks; it can a little later. */
const passing = new Set([
  'INSTANCE_UNREACHABLE',
  'ENVIRONMENT_NOT_READY',
  'NO_INSTANCE',
  'APPLICATION_NOT_RUNNING',
  'COMMAND_BROKEN_OFF',
  'COMMAND_TIMED_OUT',
  'CONNECTION_LOST',
  'DATABASE_UNREACHABLE',
  'HOST_SILENT',
  'HOST_UNREACHABLE',
  'DNS_UNREACHABLE',
  'NAME_UNKNOWN',
  'ANSWER_LOST',
  'SECRET_UNREADABLE',
]);

/** Somebody else's work must end first: a command of an earlier run that was cut off, a deploy of somebody's. */
const busy = new Set(['ALREADY_RUNNING', 'STACK_BUSY']);

export const isPassing = ({ code }: UpgradeError) => passing.has(code);
export const isBusy = ({ code }: UpgradeError) => busy.has(code);
