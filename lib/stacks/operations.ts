import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { bucketName, topicName } from '../names';
import type { Settings } from '../settings';

/** Where runs leave what they write, outputs of commands, journals and reports, and where people are told what happens. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings }) {
    super(scope, id, props);
    new Bucket(this, 'Bucket', {
      bucketName: bucketName(props.settings),
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const topic = new Topic(this, 'People', {
      topicName: topicName(props.settings),
      // AWS's own key, which whoever may publish may use.
      masterKey: Alias.fromAliasName(this, 'Key', 'alias/aws/sns'),
      enforceSSL: true,
    });
    for (const address of props.settings.people.emails) topic.addSubscription(new EmailSubscription(address));
  }
}
