import type { Settings } from '../settings';
import type { Phase } from './phase';
import type { Scope } from './scope';
import { scopesOf } from './scopes';

export interface Statement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string[]>>;
}
export interface Policy {
  Version: '2012-10-17';
  Statement: Statement[];
}

/** By phase the calls that were seen to be needed: an action, after the service that asks in the operator's name. */
export type Calls = Record<Phase, string[]>;

/**
 * What an operator needs in one phase: each call that is made in it, on the resources of this application alone.
 * @throws Error for a call that no scope covers: nothing is allowed by chance
 */
export function policyOf(phase: Phase, calls: Calls, settings: Settings, original: string): Policy {
  const scopes = scopesOf(settings, original);
  const needed = calls[phase].filter((call) => !call.includes('elasticbeanstalk > '));
  const uncovered = needed.filter((call) => !scopes.some((scope) => covers(scope, phase, call)));
  if (uncovered.length > 0)
    throw new Error(`No scope of lib/policies/scopes.ts covers ${uncovered.join(', ')} in ${phase}.`);
  return {
    Version: '2012-10-17',
    Statement: scopes.flatMap((scope) =>
      statement(
        scope,
        needed.filter((call) => covers(scope, phase, call)),
      ),
    ),
  };
}

const covers = ({ calls, phases }: Scope, phase: Phase, call: string) =>
  (phases?.includes(phase) ?? true) && calls.test(call);

function statement({ sid, resources, condition }: Scope, calls: string[]): Statement[] {
  if (calls.length === 0) return [];
  const actions = calls.map((call) => call.split(' > ').at(-1)!);
  return [
    {
      Sid: sid,
      Effect: 'Allow',
      Action: [...new Set(actions)].sort(),
      Resource: resources,
      ...(condition ? { Condition: condition } : {}),
    },
  ];
}
