import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { createCloudFormation } from '../../../sandbox/cloudformation/service';
import { startServer } from '../../../sandbox/server';
import { createWafv2 } from '../../../sandbox/wafv2/wafv2';
import type { WebRequest, WebResponse } from '../../../sandbox/world';
import { type Rig, seedOf, startRig } from '../beanstalk/support';

type Resources = Record<string, { Type: string; Properties: object }>;
export const environment = 'cobalt-production-blue';

/** An environment with AWS WAF in front of its load balancer, and CloudFormation to make what stands there. */
export interface Gate {
  rig: Rig;
  waf: WAFV2Client;
  cloudformation: CloudFormationClient;
  /** Where both are served. */
  origin: string;
  /** The ARN of the environment's load balancer, as it is now. */
  loadBalancer(): string;
  /** Creates or updates the stack `Door`; answers its final status and outputs. */
  deploy(
    Resources: Resources,
    outputs?: Record<string, unknown>,
  ): Promise<{ status: string; outputs: Record<string, string> }>;
  destroy(): Promise<void>;
  /** Whether there is such a stack. */
  stands(): Promise<boolean>;
  /** Why a resource of the stack failed last. */
  reason(): Promise<string | undefined>;
  ask(request?: Partial<WebRequest>): Promise<WebResponse | undefined>;
  /** The statuses of requests in a row, by one client. */
  run(count: number, request?: Partial<WebRequest>): Promise<number[]>;
  /** Lets every node learn of what was changed. */
  propagate(): Promise<void>;
  close(): Promise<void>;
}

export async function openGate(): Promise<Gate> {
  const rig = await startRig();
  const { world } = rig;
  world.loadBalancers = rig.eb.loadBalancers;
  const wafv2 = createWafv2(world);
  world.door = wafv2.door;
  const formation = createCloudFormation({ world, resourceTypes: wafv2.resourceTypes });
  const faults: unknown[] = [];
  const server = await startServer({
    services: [wafv2.service, formation.service],
    region: world.region,
    now: () => world.clock.date(),
    onFault: (_, error) => faults.push(error),
  });
  const options = {
    region: world.region,
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  const waf = new WAFV2Client(options);
  const cloudformation = new CloudFormationClient(options);
  const { addresses } = rig.eb.seed(seedOf(environment)).loadBalancer;
  const StackName = 'Door';
  let made = false;

  const settle = async () => {
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
    const { StackStatus = '', Outputs = [] } = Stacks![0]!;
    return {
      status: StackStatus,
      outputs: Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!])),
    };
  };
  const gate: Gate = {
    rig,
    waf,
    cloudformation,
    origin: server.origin,
    loadBalancer: () => rig.eb.loadBalancers.arns()[0]!,
    deploy: async (Resources, outputs = {}) => {
      const Outputs = Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }]));
      const TemplateBody = JSON.stringify({ Resources, Outputs });
      if (made) await cloudformation.send(new UpdateStackCommand({ StackName, TemplateBody }));
      else await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody }));
      made = true;
      return settle();
    },
    destroy: async () => {
      await cloudformation.send(new DeleteStackCommand({ StackName }));
      await world.clock.skip(60_000);
    },
    stands: async () => {
      const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({}));
      return Stacks.some((stack) => stack.StackName === StackName);
    },
    reason: async () => {
      const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }));
      const failed = StackEvents.filter(
        ({ ResourceStatus, ResourceType }) =>
          ResourceStatus?.endsWith('_FAILED') && ResourceType !== 'AWS::CloudFormation::Stack',
      );
      return failed[0]?.ResourceStatusReason;
    },
    ask: (request = {}) => {
      const address = rig.eb.environments()[0]?.loadBalancer.addresses[0] ?? addresses[0]!;
      return rig.eb.beanstalk.serve(address, {
        method: 'GET',
        path: '/',
        host: 'myabf.com.au',
        headers: {},
        body: '',
        ...request,
      });
    },
    run: async (count, request) => {
      const statuses: number[] = [];
      while (statuses.length < count) statuses.push((await gate.ask(request))!.status);
      return statuses;
    },
    propagate: () => world.clock.skip(world.durations.webAclPropagationMs),
    close: async () => {
      waf.destroy();
      cloudformation.destroy();
      await server.close();
      await rig.stop();
      expect(faults).toEqual([]);
    },
  };
  return gate;
}

export const visibility = (MetricName: string) => ({
  SampledRequestsEnabled: false,
  CloudWatchMetricsEnabled: false,
  MetricName,
});

export const acl = (properties: object = {}) => ({
  Type: 'AWS::WAFv2::WebACL',
  Properties: {
    Name: 'door',
    Scope: 'REGIONAL',
    DefaultAction: { Allow: {} },
    VisibilityConfig: visibility('door'),
    ...properties,
  },
});

export const closed = {
  DefaultAction: {
    Block: {
      CustomResponse: {
        ResponseCode: 503,
        CustomResponseBodyKey: 'page',
        ResponseHeaders: [{ Name: 'Retry-After', Value: '3600' }],
      },
    },
  },
  CustomResponseBodies: { page: { ContentType: 'TEXT_HTML', Content: '<h1>Back at six</h1>' } },
};

export const addresses = (Addresses: string[], properties: object = {}) => ({
  Type: 'AWS::WAFv2::IPSet',
  Properties: { Name: 'crew', Scope: 'REGIONAL', IPAddressVersion: 'IPV4', Addresses, ...properties },
});

export const rule = (Statement: object, more: object = {}) => ({
  Name: 'crew',
  Priority: 0,
  Statement,
  Action: { Allow: {} },
  VisibilityConfig: visibility('crew'),
  ...more,
});

export const association = (ResourceArn: string, logicalId = 'Acl') => ({
  Type: 'AWS::WAFv2::WebACLAssociation',
  Properties: { ResourceArn, WebACLArn: { 'Fn::GetAtt': [logicalId, 'Arn'] } },
});
