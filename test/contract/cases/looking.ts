import { casesOf } from './case';

const nobody = 'nobody';
const elb = 'arn:aws:elasticloadbalancing:$region:$account';

export const sts = casesOf('sts', (ok, no) => [
  ok('GetCallerIdentity'),
  ok('AssumeRole', {
    RoleArn: 'arn:aws:iam::$account:role/cdk-hnb659fds-deploy-role-$account-$region',
    RoleSessionName: 'contract',
  }),
  no(
    'AssumeRole',
    { RoleArn: 'arn:aws:iam::$account:user/ada', RoleSessionName: 'contract' },
    'ValidationError',
  ),
  no(
    'AssumeRole',
    { RoleArn: 'arn:aws:iam::999999999999:role/other', RoleSessionName: 'contract' },
    'AccessDenied',
  ),
]);

export const acm = casesOf('acm', (ok, no) => [
  ok('DescribeCertificate', { CertificateArn: '$certificate' }),
  no(
    'DescribeCertificate',
    { CertificateArn: 'arn:aws:acm:$region:$account:certificate/0c0ba170-0000-4000-8000-00000000dead' },
    'ResourceNotFoundException',
  ),
  no('DescribeCertificate', { CertificateArn: 'the certificate of the web' }, 'ValidationException'),
]);

export const ec2 = casesOf('ec2', (ok, no) => [
  ok('DescribeAvailabilityZones'),
  ok('DescribeVpcs', {}, { keep: { vpc: 'Vpcs.0.VpcId' } }),
  ok('DescribeVpcs', { VpcIds: ['$vpc'] }),
  no('DescribeVpcs', { VpcIds: ['vpc-dead'] }, 'InvalidVpcID.NotFound'),
  ok('DescribeSubnets', {}, { keep: { subnet: 'Subnets.0.SubnetId' } }),
  no('DescribeSubnets', { SubnetIds: ['subnet-dead'] }, 'InvalidSubnetID.NotFound'),
  ok('DescribeSecurityGroups'),
  no('DescribeSecurityGroups', { GroupIds: ['sg-dead'] }, 'InvalidGroup.NotFound'),
  ok('DescribeInstances', { MaxResults: 5 }, { keep: { found: 'Reservations.0.Instances.0.InstanceId' } }),
  ok('DescribeInstances', { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }),
  ok('DescribeInstances', { InstanceIds: ['$found'] }),
  no('DescribeInstances', { InstanceIds: ['i-dead'] }, 'InvalidInstanceID.NotFound'),
  no('DescribeInstances', { NextToken: 'never given out' }, 'InvalidPaginationToken'),
  no('TerminateInstances', { InstanceIds: ['i-dead'] }, 'InvalidInstanceID.NotFound'),
]);

export const elbv2 = casesOf('elbv2', (ok, no) => [
  ok(
    'DescribeLoadBalancers',
    { PageSize: 1 },
    { keep: { marker: 'NextMarker', loadBalancer: 'LoadBalancers.0.LoadBalancerArn' } },
  ),
  ok('DescribeLoadBalancers', { PageSize: 1, Marker: '$marker' }),
  no('DescribeLoadBalancers', { Names: [nobody] }, 'LoadBalancerNotFound'),
  no('DescribeLoadBalancers', { Marker: 'never given out' }, 'ValidationError'),
  ok(
    'DescribeTargetGroups',
    { LoadBalancerArn: '$loadBalancer' },
    { keep: { targetGroup: 'TargetGroups.0.TargetGroupArn' } },
  ),
  no(
    'DescribeTargetGroups',
    { LoadBalancerArn: `${elb}:loadbalancer/app/${nobody}/0` },
    'LoadBalancerNotFound',
  ),
  no('DescribeTargetGroups', { TargetGroupArns: [`${elb}:targetgroup/${nobody}/0`] }, 'TargetGroupNotFound'),
  ok('DescribeTargetHealth', { TargetGroupArn: '$targetGroup' }),
  no('DescribeTargetHealth', { TargetGroupArn: `${elb}:targetgroup/${nobody}/0` }, 'TargetGroupNotFound'),
]);
