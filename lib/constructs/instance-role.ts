import { CfnInstanceProfile, CfnRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { commandOutputsArn, parameterArn, parameterNames } from '../names';
import type { Settings } from '../settings';

/** What every role that the tool makes has attached. */
export const webTier = 'arn:aws:iam::aws:policy/AWSElasticBeanstalkWebTier';

export interface InstanceRoleProps {
  settings: Settings;
  name: string;
  /** Whether its environment takes payments when it is live. */
  payments: boolean;
}

/**
 * The role of one new environment's instances: Elastic Beanstalk's web tier, Run Command, and the parameters its
 * processes are given. AmazonSSMManagedInstanceCore is not used: it may read every parameter of the account.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html
 */
export class InstanceRole extends Construct {
  /** The Deny must be in place as soon as the role is: the fence depends on this. */
  readonly role: CfnRole;

  constructor(scope: Construct, id: string, { settings, name, payments }: InstanceRoleProps) {
    super(scope, id);
    this.role = new CfnRole(this, 'Role', {
      roleName: name,
      assumeRolePolicyDocument: document([
        { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]),
      managedPolicyArns: [webTier, ...(settings.environment.instancePolicies ?? [])],
      policies: [
        { policyName: 'run-command', policyDocument: document(runCommand(settings)) },
        { policyName: 'secrets', policyDocument: document([secrets(settings, payments)]) },
      ],
    });
    new CfnInstanceProfile(this, 'Profile', { instanceProfileName: name, roles: [this.role.ref] });
  }
}

export function document(statements: object[]) {
  return { Version: '2012-10-17', Statement: statements };
}

/** What the agent of Systems Manager asks for, and where the whole output of a command goes. */
function runCommand(settings: Settings): object[] {
  return [
    {
      Effect: 'Allow',
      Action: [
        'ssm:DescribeAssociation',
        'ssm:DescribeDocument',
        'ssm:GetDocument',
        'ssm:ListAssociations',
        'ssm:ListInstanceAssociations',
        'ssm:UpdateAssociationStatus',
        'ssm:UpdateInstanceAssociationStatus',
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
        'ec2messages:AcknowledgeMessage',
        'ec2messages:DeleteMessage',
        'ec2messages:FailMessage',
        'ec2messages:GetEndpoint',
        'ec2messages:GetMessages',
        'ec2messages:SendReply',
      ],
      Resource: '*',
    },
    {
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: commandOutputsArn(settings),
    },
  ];
}

function secrets(settings: Settings, payments: boolean): object {
  const { variables, database, preparationDatabase, testSystem } = settings;
  const names = [
    ...variables.secrets,
    database.writer.secret,
    database.reader.secret,
    preparationDatabase.secret,
    // An instance of production takes the production's password away from the test system's copy.
    ...(testSystem ? [testSystem.secret] : []),
    ...(payments ? variables.payments : []),
  ].map(parameterNames(settings).secret);
  return {
    Effect: 'Allow',
    Action: ['ssm:GetParameter', 'ssm:GetParameters'],
    Resource: [...new Set(names), parameterNames(settings).notSet].map((name) =>
      parameterArn(settings, name),
    ),
  };
}
