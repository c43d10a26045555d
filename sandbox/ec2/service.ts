import { z } from 'zod';
import type { BeanstalkInstance } from '../beanstalk/instance';
import type { Inventory } from '../beanstalk/inventory';
import { allTags } from '../beanstalk/service';
import { AwsError, notModelled } from '../errors';
import { pageOf } from '../protocol/paging';
import { input, integer, list, text } from '../protocol/shapes';
import { type Operation, type OperationService, operation } from '../service';
import type { World } from '../world';

/** What there is besides instances: nothing of it can be changed. */
export interface Network {
  vpcId: string;
  cidr: string;
  subnets: { id: string; zone: string; cidr: string }[];
  securityGroups: { id: string; name: string; description: string }[];
}

const filters = list(z.strictObject({ Name: text, Value: list(text) })).default([]);
type Filters = { Name: string; Value: string[] }[];
const codes = { pending: 0, running: 16, terminated: 48 };

/** Instances of environments and the network they stand in, as far as tools ask. */
export function ec2Service(world: World, inventory: Inventory, network?: Network): OperationService {
  const find = (id: string) => {
    const found = inventory.instances.find((each) => each.id === id);
    if (found) return found;
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  };
  const describe = (instance: BeanstalkInstance) => instanceDescription(world, inventory, network, instance);

  const operations: Record<string, Operation> = {
    DescribeInstances: operation(
      input({
        InstanceId: list(text).default([]),
        Filter: filters,
        MaxResults: integer.optional(),
        NextToken: text.optional(),
      }),
      async (asked) => {
        const chosen = asked.InstanceId.length > 0 ? asked.InstanceId.map(find) : inventory.instances;
        const groups = inventory.environments.map(({ group }) => group);
        await world.clock.skipUntil(() => !groups.some((group) => group.busy));
        const matching = chosen.filter((instance) => matchesInstance(inventory, instance, asked.Filter));
        const { items, next } = pageOf(matching, {
          size: asked.MaxResults,
          usual: 1000,
          largest: 1000,
          token: asked.NextToken,
          fault: 'InvalidPaginationToken',
        });
        const item = items.map((instance) => ({
          reservationId: instance.id.replace('i-', 'r-'),
          ownerId: world.account,
          instancesSet: { item: [describe(instance)] },
        }));
        return { reservationSet: { item }, nextToken: next };
      },
    ),
    TerminateInstances: operation(input({ InstanceId: list(text) }), (asked) => {
      const item = asked.InstanceId.map(find).map((instance) => {
        const previous = instance.state;
        terminate(world, inventory, instance);
        return {
          instanceId: instance.id,
          currentState: { code: codes.terminated, name: 'terminated' },
          previousState: { code: codes[previous], name: previous },
        };
      });
      return { instancesSet: { item } };
    }),
    DescribeAvailabilityZones: operation(input({}), () => ({
      availabilityZoneInfo: {
        item: ['a', 'b', 'c'].map((letter, index) => ({
          zoneName: `${world.region}${letter}`,
          zoneId: `apse2-az${index + 1}`,
          zoneState: 'available',
          regionName: world.region,
        })),
      },
    })),
    DescribeVpcs: operation(input({ VpcId: list(text).default([]) }), (asked) => {
      const known = network ? [network] : [];
      const chosen = pick(known, asked.VpcId, (each) => each.vpcId, 'InvalidVpcID.NotFound', 'vpc ID');
      return {
        vpcSet: {
          item: chosen.map((vpc) => ({ vpcId: vpc.vpcId, state: 'available', cidrBlock: vpc.cidr })),
        },
      };
    }),
    DescribeSubnets: operation(input({ SubnetId: list(text).default([]) }), (asked) => {
      const known = network?.subnets ?? [];
      const chosen = pick(known, asked.SubnetId, (each) => each.id, 'InvalidSubnetID.NotFound', 'subnet ID');
      const item = chosen.map((subnet) => ({
        subnetId: subnet.id,
        vpcId: network?.vpcId,
        state: 'available',
        cidrBlock: subnet.cidr,
        availabilityZone: subnet.zone,
      }));
      return { subnetSet: { item } };
    }),
    DescribeSecurityGroups: operation(input({ GroupId: list(text).default([]) }), (asked) => {
      const known = network?.securityGroups ?? [];
      const chosen = pick(known, asked.GroupId, (each) => each.id, 'InvalidGroup.NotFound', 'security group');
      const item = chosen.map((group) => ({
        groupId: group.id,
        groupName: group.name,
        groupDescription: group.description,
        ownerId: world.account,
        vpcId: network?.vpcId,
      }));
      return { securityGroupInfo: { item } };
    }),
  };
  return { name: 'ec2', protocol: 'ec2', namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/', operations };
}

/** The machine is gone at once; its group notices by its health checks, unless they are suspended. */
function terminate(world: World, inventory: Inventory, instance: BeanstalkInstance): void {
  if (instance.state === 'terminated') return;
  instance.terminate();
  world.happened('instance.terminated', { environment: instance.environment, instance: instance.id });
  inventory.live(instance.environment)?.group.reconcile('an instance that was taken out of service');
}

function pick<Item>(
  known: Item[],
  wanted: string[],
  idOf: (item: Item) => string,
  code: string,
  what: string,
): Item[] {
  if (wanted.length === 0) return known;
  return wanted.map((id) => {
    const found = known.find((item) => idOf(item) === id);
    if (found) return found;
    throw new AwsError(code, `The ${what} '${id}' does not exist`);
  });
}

function tagsOf(inventory: Inventory, instance: BeanstalkInstance): Map<string, string> {
  const environment = inventory.environments.find((each) => each.name === instance.environment);
  const tags = environment ? allTags(environment) : new Map<string, string>();
  if (environment) tags.set('aws:autoscaling:groupName', environment.group.name);
  return tags;
}

function matchesInstance(inventory: Inventory, instance: BeanstalkInstance, asked: Filters): boolean {
  return asked.every(({ Name, Value }) => {
    const pattern = Value.find((value) => /[*?]/.test(value));
    if (pattern !== undefined) throw notModelled(`the wildcard in ${pattern} of ec2 DescribeInstances`);
    if (Name.startsWith('tag:')) return Value.includes(tagsOf(inventory, instance).get(Name.slice(4)) ?? '');
    if (Name === 'instance-state-name') return Value.includes(instance.state);
    if (Name === 'instance-id') return Value.includes(instance.id);
    throw notModelled(`the filter ${Name} of ec2 DescribeInstances`);
  });
}

function instanceDescription(
  world: World,
  inventory: Inventory,
  network: Network | undefined,
  instance: BeanstalkInstance,
): object {
  const tags = [...tagsOf(inventory, instance)].map(([key, value]) => ({ key, value }));
  const profile = `arn:aws:iam::${world.account}:instance-profile/${instance.profile}`;
  return {
    instanceId: instance.id,
    instanceState: { code: codes[instance.state], name: instance.state },
    instanceType: instance.type,
    launchTime: new Date(instance.launchedAtMs),
    placement: { availabilityZone: instance.zone, tenancy: 'default' },
    privateIpAddress: instance.state === 'terminated' ? undefined : instance.privateAddress,
    ipAddress: instance.state === 'terminated' ? undefined : instance.publicAddress,
    vpcId: network?.vpcId,
    iamInstanceProfile: { arn: profile, id: instance.id.replace('i-', 'AIPA').toUpperCase() },
    tagSet: { item: tags },
  };
}
