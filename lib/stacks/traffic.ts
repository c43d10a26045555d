import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { LiveRecords } from '../constructs/live-records';
import { parameterNames } from '../names';
import type { Posture } from '../posture';
import type { Settings } from '../settings';

/** The host names and, after them, the record of the posture: the deploy that moves the names records it. */
export class TrafficStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings; posture: Posture }) {
    super(scope, id, props);
    const { settings, posture } = props;
    const live = new LiveRecords(this, 'Live', settings, posture);
    const recorded = new CfnParameter(this, 'Posture', {
      name: parameterNames(settings).posture,
      type: 'String',
      value: JSON.stringify(posture.record),
    });
    recorded.applyRemovalPolicy(RemovalPolicy.RETAIN);
    for (const record of live.records) recorded.addResourceDependency(record);
  }
}
