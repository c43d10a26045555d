import * as acm from '@aws-sdk/client-acm';
import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elasticbeanstalk from '@aws-sdk/client-elastic-beanstalk';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iam from '@aws-sdk/client-iam';
import * as rds from '@aws-sdk/client-rds';
import * as route53 from '@aws-sdk/client-route-53';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import * as wafv2 from '@aws-sdk/client-wafv2';
import type { ServiceModel } from '../models/model';

interface Client {
  send(command: object): Promise<object>;
}

type Made<Made> = new (input: object) => Made;

interface Library {
  protocol: ServiceModel['protocol'];
  /** Of its schemas. */
  namespace: string;
  Client: Made<Client>;
  commands: Record<string, unknown>;
}

const library = (
  protocol: ServiceModel['protocol'],
  namespace: string,
  Client: unknown,
  commands: object,
): Library => ({
  protocol,
  namespace: `com.amazonaws.${namespace}`,
  Client: Client as Made<Client>,
  commands: commands as Record<string, unknown>,
});

/** The client libraries by the names that boto3 and the `aws` command give to services. */
export const libraries: Record<string, Library> = {
  acm: library('json', 'acm', acm.ACMClient, acm),
  autoscaling: library('query', 'autoscaling', autoscaling.AutoScalingClient, autoscaling),
  cloudformation: library('query', 'cloudformation', cloudformation.CloudFormationClient, cloudformation),
  ec2: library('ec2', 'ec2', ec2.EC2Client, ec2),
  elasticbeanstalk: library(
    'query',
    'elasticbeanstalk',
    elasticbeanstalk.ElasticBeanstalkClient,
    elasticbeanstalk,
  ),
  elbv2: library('query', 'elasticloadbalancingv2', elbv2.ElasticLoadBalancingV2Client, elbv2),
  iam: library('query', 'iam', iam.IAMClient, iam),
  rds: library('query', 'rds', rds.RDSClient, rds),
  route53: library('rest-xml', 'route53', route53.Route53Client, route53),
  s3: library('rest-xml', 's3', s3.S3Client, s3),
  sns: library('query', 'sns', sns.SNSClient, sns),
  ssm: library('json', 'ssm', ssm.SSMClient, ssm),
  sts: library('query', 'sts', sts.STSClient, sts),
  wafv2: library('json', 'wafv2', wafv2.WAFV2Client, wafv2),
};

export function commandOf(service: string, operation: string, input: object): { schema: unknown } {
  const Command = libraries[service]!.commands[`${operation}Command`] as Made<{ schema: unknown }>;
  return new Command(input);
}
