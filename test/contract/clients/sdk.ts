import { Readable } from 'node:stream';
import type { ContractClient } from './client';
import { commandOf, libraries } from './libraries';

/** The AWS SDK for JavaScript v3, with the endpoint and credentials of the environment. */
export function sdkClient(): ContractClient {
  const clients = new Map<string, { send(command: object): Promise<object> }>();
  const clientOf = (service: string) => {
    const known = clients.get(service);
    if (known) return known;
    const made = new libraries[service]!.Client({ maxAttempts: 1, forcePathStyle: true });
    clients.set(service, made);
    return made;
  };
  return {
    name: 'sdk',
    async call(service, operation, input) {
      try {
        const output = await clientOf(service).send(commandOf(service, operation, typed(input)));
        // The connection is free only when the body has been read.
        for (const part of Object.values(output)) if (part instanceof Readable) part.resume();
        return { output };
      } catch (error) {
        const { name, message } = error as Error;
        return { code: name, message };
      }
    },
    close() {},
  };
}

const isMoment = (value: unknown) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value);

/** Bytes and moments, which boto3 and the command take as text. */
function typed(value: unknown): object {
  if (isMoment(value)) return new Date(value as string);
  if (Array.isArray(value)) return value.map(typed);
  if (typeof value !== 'object' || value === null) return value as never;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'SearchString' ? Buffer.from(inner as string) : typed(inner),
    ]),
  );
}
