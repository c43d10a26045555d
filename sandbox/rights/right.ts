import type { World } from '../world';

/** What a call needs of whoever makes it. */
export interface Right {
  /** Such as `rds:CreateDBSnapshot`. */
  action: string;
  /** The ARN it is done to; `*` where the action knows no resources, or none was named. */
  resource: string;
  /** Values of the condition keys that come with it. */
  context?: Record<string, string[]>;
  /** The services that ask in the caller's name, the first one that was called first. */
  via?: string[];
}

/** An environment of Elastic Beanstalk, as far as rights depend on it. */
export interface KnownEnvironment {
  id: string;
  name: string;
  applicationName: string;
  groupName: string;
}

export interface RightsWorld extends Pick<World, 'account' | 'region' | 'beanstalk' | 'buckets' | 'iam'> {
  /** The name of the application whose environments these are. */
  application: string;
  environments(): KnownEnvironment[];
  /** The ARN of the stack that a change set, named by its ARN, is of. */
  stackOfChangeSet(id: string): string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: inputs of every operation, checked by the service before.
export type Input = any;
/** By action, what a call with this input needs. An action that is not listed is refused by name. */
export type RightsTable = Record<string, (asked: Input, world: RightsWorld) => Right[]>;

/** A regional ARN of this account. */
export const arn = ({ region, account }: RightsWorld, service: string, rest: string) =>
  `arn:aws:${service}:${region}:${account}:${rest}`;

/** An action of which nobody asks on what. */
export const onAnything = (action: string) => () => [{ action, resource: '*' }];

/** The same, asked by a service in the caller's name. */
export const inNameBy = (service: string, rights: Right[]): Right[] =>
  rights.map((right) => ({ ...right, via: [service, ...(right.via ?? [])] }));
