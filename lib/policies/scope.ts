import { type Settings, sides } from '../settings';
import { type Phase, phases } from './phase';

/** Which resources a call may reach. */
export interface Scope {
  sid: string;
  /** Tested on a call, such as `rds:CreateDBSnapshot` or `cloudformation > iam:PutRolePolicy`. */
  calls: RegExp;
  phases?: Phase[];
  resources: string[];
  condition?: Record<string, Record<string, string[]>>;
}

export const regional = ({ region, account }: Settings, service: string, rest: string) =>
  `arn:aws:${service}:${region}:${account}:${rest}`;
export const environmentsOf = (settings: Settings) =>
  sides.flatMap((side) => Object.values(settings.sides[side].environments));
export const testEnvironments = ({ testSystem }: Settings) => (testSystem ? [testSystem.environment] : []);
/** Where nothing of the test system is changed; and where it is, nothing of production is. */
export const ofProduction = phases.filter((phase) => phase !== 'test-system');
export const byCloudFormation = {
  'ForAnyValue:StringEquals': { 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
};
/** Where the stacks and names of production are changed. */
export const ofStacks = ofProduction.filter((phase) => phase !== 'probe');
