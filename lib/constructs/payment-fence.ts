import { CfnRolePolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { parameterArn, parameterNames } from '../names';
import type { Settings } from '../settings';
import { document } from './instance-role';

export interface PaymentFenceProps {
  settings: Settings;
  role: string;
  /** The one role whose environment may hold the payment keys now. */
  armed: boolean;
  /** Secrets that it may never read either. */
  others?: string[];
}

/**
 * The second lock on the payment keys: an explicit Deny, which no Allow overrides. One policy for each role, always
 * there, its document changed in place, so that arming and fencing are each one change of one resource.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export class PaymentFence extends Construct {
  readonly policy: CfnRolePolicy;

  constructor(scope: Construct, id: string, { settings, role, armed, others = [] }: PaymentFenceProps) {
    super(scope, id);
    const arn = (name: string) => parameterArn(settings, name);
    const names = parameterNames(settings);
    const denied = [...settings.variables.payments, ...others].map((name) => arn(names.secret(name)));
    const neverByPath = {
      Effect: 'Deny',
      Action: 'ssm:GetParametersByPath',
      Resource: [arn(`${settings.parameterPath}/secrets`), arn(`${settings.parameterPath}/secrets/*`)],
    };
    const never = {
      Effect: 'Deny',
      Action: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParameterHistory'],
      Resource: denied,
    };
    const fenced = !armed && denied.length > 0;
    this.policy = new CfnRolePolicy(this, 'Deny', {
      roleName: role,
      policyName: 'upgrade-fence',
      policyDocument: document(fenced ? [neverByPath, never] : [neverByPath]),
    });
  }
}
