import type { Environment } from '../beanstalk/environment';
import type { Inventory } from '../beanstalk/inventory';
import { loadBalancerArn, targetGroupArn, targetGroupName } from '../beanstalk/load-balancer';
import { AwsError } from '../errors';
import { pageOf } from '../protocol/paging';
import { input, integer, list, text } from '../protocol/shapes';
import { type Operation, type OperationService, operation } from '../service';
import type { World } from '../world';

const pageAsked = (asked: { PageSize?: number | undefined; Marker?: string | undefined }) => ({
  size: asked.PageSize,
  usual: 400,
  largest: 400,
  token: asked.Marker,
  fault: 'ValidationError',
});
const processOptions = 'aws:elasticbeanstalk:environment:process:default';

/** The load balancers of environments, to be looked at only. */
export function loadBalancingService(world: World, inventory: Inventory): OperationService {
  const alive = () => inventory.environments.filter((each) => each.status !== 'Terminated');
  const withLoadBalancer = (arn: string) => {
    const found = alive().find((each) => loadBalancerArn(world, each) === arn);
    if (found) return found;
    throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
  };
  const withTargetGroup = (arn: string) => {
    const found = alive().find((each) => targetGroupArn(world, each) === arn);
    if (found) return found;
    throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
  };

  const operations: Record<string, Operation> = {
    DescribeLoadBalancers: operation(
      input({
        LoadBalancerArns: list(text).default([]),
        Names: list(text).default([]),
        PageSize: integer.optional(),
        Marker: text.optional(),
      }),
      (asked) => {
        const byName = asked.Names.map((name) => {
          const found = alive().find((each) => each.loadBalancer.name === name);
          if (!found) throw new AwsError('LoadBalancerNotFound', `Load balancers '[${name}]' not found`);
          return found;
        });
        const named = [...asked.LoadBalancerArns.map(withLoadBalancer), ...byName];
        const wanted = named.length > 0 ? named : alive();
        const { items, next } = pageOf(wanted, pageAsked(asked));
        const member = items.map((each) => loadBalancerDescription(world, each));
        return { LoadBalancers: { member }, NextMarker: next };
      },
    ),
    DescribeTargetGroups: operation(
      input({
        LoadBalancerArn: text.optional(),
        TargetGroupArns: list(text).default([]),
        PageSize: integer.optional(),
        Marker: text.optional(),
      }),
      (asked) => {
        const named = asked.TargetGroupArns.map(withTargetGroup);
        if (asked.LoadBalancerArn) named.push(withLoadBalancer(asked.LoadBalancerArn));
        const wanted = named.length > 0 ? named : alive();
        const { items, next } = pageOf(wanted, pageAsked(asked));
        const member = items.map((each) => targetGroupDescription(world, each));
        return { TargetGroups: { member }, NextMarker: next };
      },
    ),
    DescribeTargetHealth: operation(input({ TargetGroupArn: text }), async (asked) => {
      const environment = withTargetGroup(asked.TargetGroupArn);
      await world.clock.skipUntil(() => !environment.inTransition && !environment.group.busy);
      const attached = environment.group.members.filter((member) => member.inLoadBalancer);
      const instances = attached
        .map((member) => member.instance)
        .filter((instance) => instance.state === 'running');
      const member = await Promise.all(
        instances.map(async (instance) => ({
          Target: { Id: instance.id, Port: 80 },
          HealthCheckPort: '80',
          TargetHealth: (await environment.health.passes(instance))
            ? { State: 'healthy' }
            : {
                State: 'unhealthy',
                Reason: 'Target.ResponseCodeMismatch',
                Description: 'Health checks failed',
              },
        })),
      );
      return { TargetHealthDescriptions: { member } };
    }),
  };
  return {
    name: 'elasticloadbalancing',
    protocol: 'query',
    namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    operations,
  };
}

function loadBalancerDescription(world: World, environment: Environment): object {
  return {
    LoadBalancerArn: loadBalancerArn(world, environment),
    DNSName: environment.loadBalancer.dnsName,
    LoadBalancerName: environment.loadBalancer.name,
    CreatedTime: new Date(environment.createdMs),
    Scheme: 'internet-facing',
    State: { Code: 'active' },
    Type: 'application',
    IpAddressType: 'ipv4',
  };
}

function targetGroupDescription(world: World, environment: Environment): object {
  const option = (name: string) => environment.configuration.value(processOptions, name);
  return {
    TargetGroupArn: targetGroupArn(world, environment),
    TargetGroupName: targetGroupName(environment),
    Protocol: 'HTTP',
    Port: option('Port'),
    HealthCheckProtocol: 'HTTP',
    HealthCheckPath: option('HealthCheckPath'),
    HealthCheckIntervalSeconds: option('HealthCheckInterval'),
    HealthCheckTimeoutSeconds: option('HealthCheckTimeout'),
    HealthyThresholdCount: option('HealthyThresholdCount'),
    UnhealthyThresholdCount: option('UnhealthyThresholdCount'),
    Matcher: { HttpCode: option('MatcherHTTPCode') },
    LoadBalancerArns: { member: [loadBalancerArn(world, environment)] },
    TargetType: 'instance',
  };
}
