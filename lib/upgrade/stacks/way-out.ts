import { stackNames } from '../../names';
import { posture } from '../../posture';
import { type Side, sides } from '../../settings';
import type { Ports } from '../ports';
import { environmentNames } from '../side/choose-instance';
import type { Declared } from '../stack-ports';

/**
 * What to type of a stack that takes no change, by what its side is to be: one that loses is never rolled back, for that
 * would apply the variables that it had while it was open. The rollback of one that was fenced by force waits for
 * instances: its groups must be let launch first. One whose creation was rolled back can only be deleted.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
 */
export async function wayOut(
  ports: Ports,
  { settings, record, words }: Declared,
  { name: stack, status }: { name: string; status: string },
): Promise<string> {
  const again = 'then run the same command again';
  if (status === 'ROLLBACK_COMPLETE')
    return `It was never made. Delete it, wait until it is gone, ${again}: aws cloudformation delete-stack --stack-name ${stack}`;
  if (status !== 'UPDATE_ROLLBACK_FAILED')
    return `See what it says, and mend it in CloudFormation so that it takes changes, ${again}: aws cloudformation describe-stack-events --stack-name ${stack}`;
  const side = sides.find((each) => stackNames(settings).side(each) === stack);
  if (side && posture(settings, record, words).sides[side].state === 'fenced') {
    const [paying] = environmentNames(settings, side);
    return `Never go on with its rollback, which would give ${side} its keys and its open variables again. Fence ${side} by force, which ends every instance of it, ${again}: npm run fence -- --side ${side} --confirm ${paying}`;
  }
  const goOn = `aws cloudformation continue-update-rollback --stack-name ${stack}`;
  if (side && (await isEmptied(ports, side)))
    return `${side} was fenced by force and is to serve: let it launch again, have CloudFormation go on with its rollback, wait until that has ended, ${again}: npm run jobs -- release --side ${side} && ${goOn}`;
  return `Have CloudFormation go on with its rollback, wait until that has ended, ${again}: ${goOn}`;
}

/** Whether a group of the side has the size zero, which nothing but the fence by force gives it. */
async function isEmptied({ settings, environments, scalingGroups }: Ports, side: Side): Promise<boolean> {
  const found = await Promise.all(environmentNames(settings, side).map((name) => environments.state(name)));
  const groups = found.flatMap((each) => each?.autoScalingGroup || []);
  const sizes = await Promise.all(groups.map((group) => scalingGroups.sizes(group)));
  return sizes.some(({ max }) => max === 0);
}
