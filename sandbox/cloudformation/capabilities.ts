import { AwsError } from '../errors';
import type { Template } from './template';

/** The name property of each type that only acknowledged templates may hold, where it has one. */
const iamTypes: Record<string, string | undefined> = {
  'AWS::IAM::AccessKey': undefined,
  'AWS::IAM::Group': 'GroupName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Policy': undefined,
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
  'AWS::IAM::UserToGroupAddition': undefined,
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html, under Capabilities. */
export function neededCapability(template: Template): string | undefined {
  const iam = Object.values(template.Resources).filter(({ Type }) => Type in iamTypes);
  const named = iam.some(({ Type, Properties }) => Properties[iamTypes[Type] ?? ''] !== undefined);
  if (named) return 'CAPABILITY_NAMED_IAM';
  return iam.length > 0 ? 'CAPABILITY_IAM' : undefined;
}

export function checkCapabilities(template: Template, given: string[]): void {
  const needed = neededCapability(template);
  if (needed === undefined || given.includes('CAPABILITY_NAMED_IAM') || given.includes(needed)) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}
