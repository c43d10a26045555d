import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { cname } from '../names';
import type { Posture } from '../posture';
import type { Settings } from '../settings';

/**
 * An alias for each host name, at the load balancer of the live side's environment. The target is a literal, as an
 * alias to Elastic Beanstalk needs; an alias is allowed at the zone's apex.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-beanstalk-environment.html
 */
export class LiveRecords extends Construct {
  readonly records: CfnRecordSet[];

  constructor(scope: Construct, id: string, settings: Settings, posture: Posture) {
    super(scope, id);
    const hostedZoneId = RegionInfo.get(settings.region).ebsEnvEndpointHostedZoneId;
    if (!hostedZoneId)
      throw new Error(`No hosted zone of Elastic Beanstalk is known for ${settings.region}.`);
    this.records = Object.entries(posture.hosts).map(([host, { side, role }]) => {
      const record = new CfnRecordSet(this, host, {
        hostedZoneId: settings.zone.id,
        name: host,
        type: 'A',
        aliasTarget: { dnsName: cname(settings, side, role), hostedZoneId, evaluateTargetHealth: false },
      });
      record.applyRemovalPolicy(RemovalPolicy.RETAIN);
      return record;
    });
  }
}
