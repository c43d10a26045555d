import { PreconditionError, StepFailedError, UpgradeError } from '../runbook/errors';

/** What any call to AWS may meet, whatever it asked: nobody to talk to, nobody to sign as, no permission, no capacity. */

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);
const lost = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
/**
 * The library has tried each of these again, and waited longer each time, before it is seen here:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const timedOut = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException']);
const brokenStatus = new Set([500, 502, 503, 504]);
const tooManyStatus = 429;
/** Its LimitExceededException is not here: it may be a quota, such as of stacks, that time does not mend. */
const throttled = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const expired = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired']);
const refused = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
]);
const denied = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
]);
const credentialFaults = new Set(['CredentialsProviderError', 'TokenProviderError']);

interface Fault {
  name?: string;
  code?: string;
  message?: string;
  $fault?: string;
  $metadata?: { requestId?: string | undefined; httpStatusCode?: number | undefined };
}

/**
 * Turns a fault that any call may meet into an error a person can act on; every other comes back as it is.
 * Credentials may expire in the middle of a night, so what came before is not denied.
 */
export function generalFault(error: unknown, call: string): unknown {
  if (error instanceof UpgradeError) return error;
  return ofNetwork(error, call) ?? ofCredentials(error, call) ?? ofService(error, call) ?? error;
}

/** Asked first: credentials that are fetched over a network which is away are not what is missing. */
function ofNetwork(error: unknown, call: string): UpgradeError | undefined {
  const { name: given = '', message: said = '', code = codeIn(said) } = error as Fault;
  const [wrapping, name = given] = wrapper.exec(said) ?? [''];
  const message = said.slice(wrapping.length);
  if (unreachable.has(code) || /did not establish a connection/.test(message))
    return unchanged(error, 'ENDPOINT_UNREACHABLE', {
      so: `${call} got no answer: ${message || code}.`,
      next: 'Check the network and AWS_ENDPOINT_URL, then run the same command again.',
    });
  if (timedOut.has(name) || lost.has(code))
    return uncertain(
      error,
      'ANSWER_LOST',
      `The connection broke before ${call} was answered: ${message || code}.`,
    );
  return undefined;
}

function ofCredentials(error: unknown, call: string): UpgradeError | undefined {
  const { name = '', message = '' } = error as Fault;
  const hasExpired =
    expired.has(name) || (credentialFaults.has(name) && /expired|invalid_grant/i.test(message));
  const next = signIn;
  if (hasExpired)
    return unchanged(error, 'CREDENTIALS_EXPIRED', {
      so: `The AWS credentials have expired: ${message}.`,
      next,
    });
  if (credentialFaults.has(name))
    return unchanged(error, 'CREDENTIALS_MISSING', { so: `There are no AWS credentials: ${message}.`, next });
  if (refused.has(name))
    return unchanged(error, 'CREDENTIALS_REFUSED', {
      so: `AWS refuses the credentials: ${name}: ${message}.`,
      next,
    });
  if (denied.has(name))
    return unchanged(error, 'ACCESS_DENIED', {
      so: `These credentials may not call ${call}: ${message}.`,
      next: 'Use credentials that may, then run the same command again.',
    });
  return undefined;
}

/** Some services say that they are asked too often with the status of a failure: the code is looked at first. */
function ofService(error: unknown, call: string): UpgradeError | undefined {
  const { name = '', message = '', $metadata: { httpStatusCode = 0, requestId } = {} } = error as Fault;
  if (throttled.has(name) || httpStatusCode === tooManyStatus)
    return unchanged(error, 'RATE_EXCEEDED', {
      so: `AWS limits how often ${call} may be called, and refused it: ${name}: ${message}`,
      next: 'Wait a minute, then run the same command again.',
    });
  if (brokenStatus.has(httpStatusCode))
    return uncertain(
      error,
      'SERVICE_UNAVAILABLE',
      `${call} failed inside AWS: ${name}: ${message} (request ${requestId ?? 'without an id'}).`,
    );
  return undefined;
}

/** The call was not carried out. */
function unchanged(cause: unknown, code: string, text: { so: string; next: string }): PreconditionError {
  const changed = 'This call changed nothing; what this command did before stays done.';
  return new PreconditionError(code, { ...text, changed }, { cause });
}

/** Nobody knows whether the call was carried out. */
function uncertain(cause: unknown, code: string, so: string): StepFailedError {
  return new StepFailedError(
    code,
    {
      so,
      changed: 'Whether this call was carried out is not known; what this command did before stays done.',
      next: 'Look with npm run status, then run the same command again.',
    },
    { cause },
  );
}

/** The library may wrap an error of the network and keep only its name and text. */
const wrapper = /^AWS SDK error wrapper for (\w+): /;
const codeIn = (message: string) => /\bE[A-Z_]{4,}\b/.exec(message)?.[0] ?? '';

const signIn =
  'Sign in (aws sso login, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret), then run the same command again.';

/** A refusal of AWS's that nobody expected, as an error with its words; undefined for what is no answer of AWS's. */
export function unexpectedRefusal(error: unknown): StepFailedError | undefined {
  const { name, message, $fault, $metadata } = error as Fault;
  if (!$fault) return undefined;
  return new StepFailedError(
    'AWS_REFUSED',
    {
      so: `AWS refused: ${name}: ${message} (request ${$metadata?.requestId ?? 'without an id'}).`,
      changed: 'What came before in this command may have been done.',
      next: 'Look with npm run status, then run the same command again.',
    },
    { cause: error },
  );
}
