import { z } from 'zod';
import { AwsError } from '../../sandbox/errors';
import { startServer } from '../../sandbox/server';
import { type OperationService, operation, type Service } from '../../sandbox/service';
import { cobalt } from './upgrade';

/** Its input is whatever the test expects a client to send. */
type Act = (input: never) => unknown;

/** Of those that tell an operation by a header. */
const namespaces: Record<string, string> = { ssm: 'AmazonSSM', wafv2: 'AWSWAF_20190729' };

/** A service of AWS's with a few operations that a test answers itself. */
export function answering(
  name: string,
  protocol: OperationService['protocol'],
  operations: Record<string, Act>,
): OperationService {
  const anything = z.record(z.string(), z.any());
  return {
    name,
    protocol,
    namespace: namespaces[name] ?? `https://${name}.example/`,
    operations: Object.fromEntries(
      Object.entries(operations).map(([action, act]) => [
        action,
        operation(anything, (input) => act(input as never)),
      ]),
    ),
  };
}

/** STS, which says that everybody is of the settings' account. */
export const sts = (account = cobalt.account) =>
  answering('sts', 'query', {
    GetCallerIdentity: () => ({ Account: account, Arn: `arn:aws:iam::${account}:user/ada`, UserId: 'AIDA' }),
  });

export interface TestAws {
  /** `service Operation` of each call, in order. */
  calls: string[];
  close(): Promise<void>;
}

/** Serves these services at AWS_ENDPOINT_URL, with credentials in the environment, until closed. */
export async function startAws(services: Service[], now = () => new Date()): Promise<TestAws> {
  const calls: string[] = [];
  const server = await startServer({
    services,
    region: cobalt.region,
    now,
    onCall: ({ service, action }) => calls.push(`${service} ${action}`),
    onFault: (_, error) => {
      throw error;
    },
  });
  const restore = withVariables({
    AWS_ENDPOINT_URL: server.origin,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  return {
    calls,
    close: () => {
      restore();
      return server.close();
    },
  };
}

/** Sets environment variables, or unsets those that are undefined. Returns what puts them back. */
export function withVariables(variables: Record<string, string | undefined>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const set = ([name, value]: readonly [string, string | undefined]) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const pair of Object.entries(variables)) set(pair);
  return () => {
    for (const pair of before) set(pair);
  };
}

export const refuse = (code: string, message = code, status = 400) => {
  throw new AwsError(code, message, status);
};
