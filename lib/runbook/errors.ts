/** What an error tells a person at ten at night: what is so, what was changed, what to type next. */
export interface ErrorText {
  /** With ids, what was observed and what was expected. */
  so: string;
  changed: string;
  next: string;
}

/** A sentence as a part of another one. */
export const clause = (sentence: string) => sentence.replace(/\.$/, '');

/** The exit codes of every script. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  precondition: 3,
  stepFailed: 4,
  lockHeld: 5,
  declined: 6,
  invariant: 7,
} as const;

/** An error that a person can act on. Its class tells the exit code, its code the exact fault. */
export abstract class UpgradeError extends Error {
  abstract readonly exitCode: number;

  constructor(
    readonly code: string,
    readonly text: ErrorText,
    options?: { cause?: unknown },
  ) {
    super(`${text.so} ${text.changed} ${text.next}`, options);
    this.name = new.target.name;
  }
}

/** The command line, a context or the settings are wrong. */
export class UsageError extends UpgradeError {
  readonly exitCode = exitCodes.usage;
}

export const nothing = 'Nothing was changed.';

/** Something that must hold before does not; nothing was changed. */
export class PreconditionError extends UpgradeError {
  readonly exitCode = exitCodes.precondition;

  constructor(
    code: string,
    text: Omit<ErrorText, 'changed'> & Partial<ErrorText>,
    options?: { cause?: unknown },
  ) {
    super(code, { changed: nothing, ...text }, options);
  }
}

/** An act was begun and did not end well; the same command goes on from there. */
export class StepFailedError extends UpgradeError {
  readonly exitCode = exitCodes.stepFailed;
}

/**
 * Work that follows something done already: an error of it that knows of no change, or only of what its own call did not
 * change, tells this one.
 * @param changed what is so by now, as a sentence
 */
export async function having<T>(changed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    const own = error.text.changed === nothing ? [] : [error.text.changed];
    if (own.length > 0 && !(error instanceof PreconditionError)) throw error;
    const told = [...own, changed].join(' ');
    throw new StepFailedError(error.code, { ...error.text, changed: told }, { cause: error });
  }
}

/** Somebody drives a run, or left one unfinished. */
export class LockHeldError extends UpgradeError {
  readonly exitCode = exitCodes.lockHeld;
}

/** A person said no. */
export class DeclinedError extends UpgradeError {
  readonly exitCode = exitCodes.declined;
}

/** Something that must never be so was seen. */
export class InvariantError extends UpgradeError {
  readonly exitCode = exitCodes.invariant;
}

/** A person stopped the run. */
export function stop(): StepFailedError {
  return new StepFailedError('STOPPED', {
    so: 'The run was stopped.',
    changed: 'What was begun in AWS goes on; nothing more was begun.',
    next: 'Run the same command again: it goes on from what AWS says.',
  });
}
