import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnIPSet } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { EnvironmentDoor } from '../constructs/environment-door';
import { bothSides, type Posture } from '../posture';
import type { DoorRecord } from '../record';
import type { Settings } from '../settings';

export interface DoorStackProps extends StackProps {
  settings: Settings;
  posture: Posture;
  record: DoorRecord;
}

/**
 * What stands before the load balancers. It is deployed before everything else, so that a side that loses is closed
 * first; whom a side that wins lets in early meets what its processes still are. An environment that does not exist yet
 * has no load balancer: its door comes with the deploy after the one that made it.
 */
export class DoorStack extends Stack {
  constructor(scope: Construct, id: string, props: DoorStackProps) {
    super(scope, id, props);
    const { settings, posture, record } = props;
    const testers = new CfnIPSet(this, 'Testers', {
      name: `${id}-testers`,
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: settings.door.testers,
    });
    for (const side of bothSides)
      for (const { role, name, door: position } of Object.values(posture.sides[side].environments)) {
        const loadBalancerArn = record.loadBalancers[name];
        if (!loadBalancerArn) continue;
        new EnvironmentDoor(this, `Door-${side}-${role}`, {
          environment: name,
          loadBalancerArn,
          position,
          door: settings.door,
          zone: settings.zone.name,
          testers: testers.attrArn,
          testerToken: record.testerToken,
        });
      }
  }
}
