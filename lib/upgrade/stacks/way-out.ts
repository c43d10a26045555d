import { stackNames } from '../../names';
import { posture } from '../../posture';
import { sides } from '../../settings';
import { environmentNames } from '../side/choose-instance';
import type { Declared } from '../stack-ports';

/**
 * What to type of a stack that takes no change, by what its side is to be: one that loses is never rolled back, for that
 * would apply the variables that it had while it was open.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
 */
export function wayOut({ settings, record, words }: Declared, stack: string): string {
  const side = sides.find((each) => stackNames(settings).side(each) === stack);
  if (!side || posture(settings, record, words).sides[side].state !== 'fenced')
    return `Have CloudFormation go on with its rollback, wait until that has ended, then run the same command again: aws cloudformation continue-update-rollback --stack-name ${stack}`;
  const [paying] = environmentNames(settings, side);
  return `Never go on with its rollback, which would give ${side} its keys and its open variables again. Fence ${side} by force, which ends every instance of it, then run the same command again: npm run fence -- --side ${side} --confirm ${paying}`;
}
