import { CfnRolePolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { commandOutputsArn } from '../names';
import type { Settings } from '../settings';
import { document } from './instance-role';

export interface KeptOutputProps {
  settings: Settings;
  /** A role that people made. */
  role: string;
}

/**
 * What a command prints is kept whole in the operations bucket by the agent on the instance, with the rights of its role;
 * Run Command itself shows no more than the first 24,000 characters.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
 */
export class KeptOutput extends Construct {
  constructor(scope: Construct, id: string, { settings, role }: KeptOutputProps) {
    super(scope, id);
    new CfnRolePolicy(this, 'Allow', {
      roleName: role,
      policyName: 'upgrade-command-output',
      policyDocument: document([
        { Effect: 'Allow', Action: 's3:PutObject', Resource: commandOutputsArn(settings) },
      ]),
    });
  }
}
