import { PreconditionError } from '../../runbook/errors';

/**
 * What a stack's status says of it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */

/** Whether a change of it is under way. One that is only reviewed was never made. */
export const isInProgress = (status: string) =>
  status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

/** Whether its resources are as the template that it says it has, be that its last one or the one before. */
export const isComplete = (status: string) =>
  status.endsWith('_COMPLETE') && status !== 'ROLLBACK_COMPLETE' && status !== 'DELETE_COMPLETE';

/** Whether its last change was taken back, which nothing of the tool's does: its resources are as before that change. */
export const isRolledBack = (status: string) => status === 'UPDATE_ROLLBACK_COMPLETE';

/** A change that failed and was not rolled back goes on with the next one. */
const resumable = new Set(['CREATE_FAILED', 'UPDATE_FAILED', 'REVIEW_IN_PROGRESS']);

/** Whether a change of it may begin. */
export const takesChange = (status: string) => isComplete(status) || resumable.has(status);

/** What to type of a stack that takes no change, where it is not known which side loses. */
const wayOutOf = (stack: string) =>
  `If its side loses, fence it by force (npm run fence -- --help): rolling it back would give it its keys again. Otherwise mend it in CloudFormation (aws cloudformation continue-update-rollback --stack-name ${stack}), then run the same command again.`;

/** Why a stack takes no change now; undefined when it does. */
export function refusalOf(
  stack: string,
  status: string,
  { cause, wayOut = wayOutOf(stack) }: { cause?: unknown; wayOut?: string } = {},
): PreconditionError | undefined {
  if (takesChange(status)) return undefined;
  const because = cause === undefined ? {} : { cause };
  if (isInProgress(status))
    return new PreconditionError(
      'STACK_BUSY',
      {
        so: `The stack ${stack} is ${status}: another change of it is under way.`,
        next: 'Wait until it has ended, then run the same command again.',
      },
      because,
    );
  return new PreconditionError(
    'STACK_FAILED',
    {
      so: `The stack ${stack} is ${status} and takes no change.`,
      next: wayOut,
    },
    because,
  );
}
