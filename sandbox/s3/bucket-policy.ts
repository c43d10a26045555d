import { AwsError, notModelled } from '../errors';

/**
 * The one thing a bucket's policy may say here: no access without TLS. It is kept and not enforced, because
 * everything on loopback comes without TLS.
 */
export function refuseUnknownPolicy(document: string): void {
  let policy: { Statement?: unknown };
  try {
    policy = JSON.parse(document);
  } catch {
    throw new AwsError('MalformedPolicy', 'This policy contains invalid Json');
  }
  const statements = [policy.Statement ?? []].flat() as Record<string, unknown>[];
  if (statements.length === 0) throw new AwsError('MalformedPolicy', 'Missing required field Statement');
  for (const statement of statements) {
    const condition = JSON.stringify(statement.Condition);
    if (statement.Effect !== 'Deny' || condition !== '{"Bool":{"aws:SecureTransport":"false"}}')
      throw notModelled(`the bucket policy's statement ${JSON.stringify(statement)}`);
  }
}
