import type { UpgradeError } from '../../runbook/errors';

/** AWS gives no answer now: the network is away, or AWS is busy or broken. What was begun there goes on meanwhile. */
const unanswered = ['ENDPOINT_UNREACHABLE', 'ANSWER_LOST', 'RATE_EXCEEDED', 'SERVICE_UNAVAILABLE'];

/** Something cannot be looked at while an environment restarts or a connection breaks; it can a little later. */
const passing = new Set([
  ...unanswered,
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
  'SECRET_UNREADABLE',
]);

/** Somebody else's work must end first: a command of an earlier run that was cut off, a deploy of somebody's. */
const busy = new Set(['ALREADY_RUNNING', 'STACK_BUSY']);

export const isUnanswered = ({ code }: UpgradeError) => unanswered.includes(code);
export const isPassing = ({ code }: UpgradeError) => passing.has(code);
export const isBusy = ({ code }: UpgradeError) => busy.has(code);
