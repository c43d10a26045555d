import { PreconditionError, StepFailedError } from '../runbook/errors';

/** What any call to AWS may meet, whatever it asked: nobody to sign as, nobody to talk to, no permission. */

const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const lost = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
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
  $metadata?: { requestId?: string | undefined };
}

/**
 * Turns a fault that any call may meet into an error a person can act on; every other comes back as it is.
 * Credentials may expire in the middle of a night, so what came before is not denied.
 */
export function generalFault(error: unknown, call: string): unknown {
  const { name = '', message = '', code = codeIn(message) } = error as Fault;
  const precondition = (faultCode: string, so: string, next: string) =>
    new PreconditionError(
      faultCode,
      { so, changed: 'This call changed nothing; what this command did before stays done.', next },
      { cause: error },
    );
  const hasExpired =
    expired.has(name) || (credentialFaults.has(name) && /expired|invalid_grant/i.test(message));
  if (hasExpired)
    return precondition('CREDENTIALS_EXPIRED', `The AWS credentials have expired: ${message}.`, signIn);
  if (credentialFaults.has(name))
    return precondition('CREDENTIALS_MISSING', `There are no AWS credentials: ${message}.`, signIn);
  if (refused.has(name))
    return precondition('CREDENTIALS_REFUSED', `AWS refuses the credentials: ${name}: ${message}.`, signIn);
  if (denied.has(name))
    return precondition(
      'ACCESS_DENIED',
      `These credentials may not call ${call}: ${message}.`,
      'Use credentials that may, then run the same command again.',
    );
  if (unreachable.has(code) || /did not establish a connection/.test(message))
    return precondition(
      'ENDPOINT_UNREACHABLE',
      `${call} got no answer: ${message || code}.`,
      'Check the network and AWS_ENDPOINT_URL, then run the same command again.',
    );
  if (name === 'TimeoutError' || lost.has(code))
    return new StepFailedError(
      'ANSWER_LOST',
      {
        so: `The connection broke before ${call} was answered: ${message || code}.`,
        changed: 'Whether this call was carried out is not known; what this command did before stays done.',
        next: 'Look with npm run status, then run the same command again.',
      },
      { cause: error },
    );
  return error;
}

/** The library may wrap an error of the network and keep only its text. */
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
