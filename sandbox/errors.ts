/** An answer of refusal, in AWS's own code and words. Never a 5xx: clients retry those for a minute. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** What the sandbox does not model is an error that names it, so that nobody mistakes silence for success. */
export function notModelled(what: string): AwsError {
  return new AwsError('SandboxDoesNotModel', `The sandbox does not model ${what}. See docs/sandbox.md.`);
}
