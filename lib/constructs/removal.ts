import { type CfnResource, RemovalPolicy } from 'aws-cdk-lib';

/**
 * What becomes of a resource when its stack is destroyed, or when it is replaced. Where it does not outlive it, its metadata says so too: a
 * change of nothing but the policy was taken for none, and the old policy stayed.
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1543
 */
export function giveUp(resource: CfnResource, policy: RemovalPolicy): void {
  resource.applyRemovalPolicy(policy, { applyToUpdateReplacePolicy: true });
  if (policy !== RemovalPolicy.RETAIN) resource.addMetadata('Retiring', 'goes with its stack');
}
