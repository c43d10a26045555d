import { AwsError } from '../errors';

// In the words of https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateWebACL.html#API_UpdateWebACL_Errors

export const nonexistent = () =>
  new AwsError(
    'WAFNonexistentItemException',
    'AWS WAF couldn’t perform the operation because your resource doesn’t exist.',
  );

export const associated = () =>
  new AwsError(
    'WAFAssociatedItemException',
    'AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.',
  );

export const duplicate = () =>
  new AwsError(
    'WAFDuplicateItemException',
    'AWS WAF couldn’t perform the operation because the resource that you tried to save is a duplicate of an existing one.',
  );

export const staleLockToken = () =>
  new AwsError(
    'WAFOptimisticLockException',
    'AWS WAF couldn’t save your changes because you tried to update or delete a resource that has changed since you last retrieved it. Get the resource again, make any changes you need to make to the new copy, and retry your operation.',
  );

export const unavailable = () =>
  new AwsError(
    'WAFUnavailableEntityException',
    'AWS WAF couldn’t retrieve the resource that you requested. Retry your request.',
  );

export const overLimit = (what: string) =>
  new AwsError(
    'WAFLimitsExceededException',
    `AWS WAF couldn’t perform the operation because you exceeded your resource limit: ${what}.`,
  );

export const malformedArn = (arn: string) =>
  invalidParameter(
    `The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: RESOURCE_ARN, parameter: ${arn}`,
  );

export const invalidParameter = (reason: string) =>
  new AwsError('WAFInvalidParameterException', `Error reason: ${reason}`);
