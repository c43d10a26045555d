import type { z } from 'zod';
import { AwsError } from '../errors';
import type { Service } from '../service';

type Refused = Pick<Service, 'name' | 'protocol'>;

/** What AWS answers to a signature that is not right, in each protocol's own code. */
function unauthentic({ name, protocol }: Refused, message: string): AwsError {
  if (protocol === 'json') return new AwsError('InvalidSignatureException', message);
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
  if (name === 'ec2') return new AwsError('AuthFailure', message, 401);
  return new AwsError('SignatureDoesNotMatch', message, 403);
}

export const wrongSignature = (service: Refused) =>
  unauthentic(
    service,
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  );

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function wrongRegion(service: Refused, region: string, own: string): AwsError {
  if (service.name === 's3')
    return new AwsError(
      'AuthorizationHeaderMalformed',
      `The authorization header is malformed; the region '${region}' is wrong; expecting '${own}'. The sandbox models the region ${own} alone.`,
    );
  return unauthentic(
    service,
    `Credential should be scoped to a valid region, not '${region}'. The sandbox models the region ${own} alone.`,
  );
}

/** AWS has more operations than the sandbox; both refuse one that they do not know by this code. */
export function unknownOperation({ name, protocol }: Refused, action: string): AwsError {
  if (protocol === 'json')
    return new AwsError(
      'UnknownOperationException',
      `The sandbox does not model ${name} ${action || '(no action)'}. See docs/sandbox.md.`,
    );
  if (action === '')
    return new AwsError('MissingAction', 'The request is missing an action or a required parameter.');
  return new AwsError('InvalidAction', `The sandbox does not model ${name} ${action}. See docs/sandbox.md.`);
}

/** EC2 has a code of its own for each way in which an input is wrong. */
export function unknownParameter({ issues }: z.ZodError, faults: string[]): AwsError {
  const isMissing = ({ code, message }: z.core.$ZodIssue) =>
    code === 'invalid_type' && /undefined/.test(message);
  const code = issues.some((issue) => issue.code === 'unrecognized_keys')
    ? 'UnknownParameter'
    : issues.some(isMissing)
      ? 'MissingParameter'
      : 'InvalidParameterValue';
  return new AwsError(code, faults.join('; '));
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export function unknownKey(service: Refused): AwsError {
  const message = 'The security token included in the request is invalid.';
  if (service.name === 's3')
    return new AwsError(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      403,
    );
  if (service.protocol === 'json') return new AwsError('UnrecognizedClientException', message);
  return service.name === 'ec2'
    ? new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401)
    : new AwsError('InvalidClientTokenId', message, 403);
}

export function expired({ name, protocol }: Refused): AwsError {
  const message = 'The security token included in the request is expired';
  if (name === 's3') return new AwsError('ExpiredToken', 'The provided token has expired.');
  if (name === 'ec2') return new AwsError('RequestExpired', 'Request has expired.');
  return protocol === 'json'
    ? new AwsError('ExpiredTokenException', message)
    : new AwsError('ExpiredToken', message, 403);
}
