import type { Network } from '../ec2/service';
import { AwsError } from '../errors';
import type { OptionSetting } from './configuration';

const namesOfPlaces = new Set(['VPCId', 'Subnets', 'ELBSubnets', 'SecurityGroups', 'ManagedSecurityGroup']);

/** The VPC, subnets and security groups that options name must exist, where the sandbox was told which do. */
export function checkNetwork(network: Network | undefined, settings: OptionSetting[]): void {
  if (!network) return;
  const { vpcId, subnets, securityGroups } = network;
  const known = new Set([vpcId, ...[...subnets, ...securityGroups].map(({ id }) => id)]);
  for (const { Namespace, OptionName, Value } of settings) {
    if (!namesOfPlaces.has(OptionName)) continue;
    const ids = Value.split(',').map((id) => id.trim());
    const missing = ids.find((id) => id !== '' && !known.has(id));
    if (missing !== undefined)
      throw new AwsError(
        'ConfigurationValidationException',
        `Configuration validation exception: Invalid option value: '${Value}' (Namespace: '${Namespace}', OptionName: '${OptionName}'): ${missing} does not exist.`,
      );
  }
}
