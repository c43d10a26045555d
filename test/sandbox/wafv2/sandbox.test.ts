import http from 'node:http';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeEnvironmentResourcesCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import { GetWebACLForResourceCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { App, Stack } from 'aws-cdk-lib';
import { CfnIPSet, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Stage } from '../../support/stage';
import { cobalt } from '../../support/upgrade';
import { closed } from './support';

jest.setTimeout(120_000);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(cobalt);
});
afterAll(() => stage.close());

/** What the construct library makes of a door that lets in one address, and whoever brings the cookie. */
function template(loadBalancerArn: string): string {
  const stack = new Stack(new App(), 'Door');
  const crew = new CfnIPSet(stack, 'Crew', {
    scope: 'REGIONAL',
    ipAddressVersion: 'IPV4',
    addresses: ['198.51.100.7/32'],
  });
  const acl = new CfnWebACL(stack, 'Acl', {
    scope: 'REGIONAL',
    defaultAction: {
      block: {
        customResponse: { responseCode: 503, customResponseBodyKey: 'page' },
      },
    },
    customResponseBodies: {
      page: { contentType: 'TEXT_HTML', content: closed.CustomResponseBodies.page.Content },
    },
    visibilityConfig: { sampledRequestsEnabled: false, cloudWatchMetricsEnabled: false, metricName: 'door' },
    rules: [
      {
        name: 'crew',
        priority: 0,
        action: { allow: {} },
        visibilityConfig: {
          sampledRequestsEnabled: false,
          cloudWatchMetricsEnabled: false,
          metricName: 'crew',
        },
        statement: {
          orStatement: {
            statements: [
              { ipSetReferenceStatement: { arn: crew.attrArn } },
              {
                byteMatchStatement: {
                  searchString: 'open',
                  fieldToMatch: {
                    cookies: {
                      matchPattern: { includedCookies: ['door'] },
                      matchScope: 'VALUE',
                      oversizeHandling: 'NO_MATCH',
                    },
                  },
                  positionalConstraint: 'EXACTLY',
                  textTransformations: [{ priority: 0, type: 'NONE' }],
                },
              },
            ],
          },
        },
      },
    ],
  });
  new CfnWebACLAssociation(stack, 'Door', { resourceArn: loadBalancerArn, webAclArn: acl.attrArn });
  return JSON.stringify(App.of(stack)!.synth().getStackByName('Door').template.Resources);
}

function get(headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(stage.sandbox.proxy);
  const host = cobalt.roles.web!.hosts[0]!;
  const options = { host: hostname, port, path: `http://${host}/accounts/login/` };
  return new Promise((resolve, reject) => {
    const request = http.get({ ...options, headers: { host, ...headers } }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode!, body });
    });
    request.on('error', reject);
  });
}

test('the load balancer that Elastic Beanstalk names gets a door, and the proxy’s clients meet it', async () => {
  const beanstalk = new ElasticBeanstalkClient({});
  const cloudformation = new CloudFormationClient({});
  const waf = new WAFV2Client({});
  const { EnvironmentResources } = await beanstalk.send(
    new DescribeEnvironmentResourcesCommand({ EnvironmentName: cobalt.sides.blue.environments.web!.name }),
  );
  const ResourceArn = EnvironmentResources!.LoadBalancers![0]!.Name!;
  expect((await get()).status).toBe(200);
  const TemplateBody = `{"Resources": ${template(ResourceArn)}}`;
  await cloudformation.send(new CreateStackCommand({ StackName: 'Door', TemplateBody }));
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: 'Door' }));
  expect(Stacks![0]!.StackStatus).toBe('CREATE_COMPLETE');
  const { WebACL } = await waf.send(new GetWebACLForResourceCommand({ ResourceArn }));
  expect(WebACL?.Name).toMatch(/^Acl-/);
  await stage.sandbox.world.clock.skip(30_000);
  expect(await get()).toEqual({ status: 503, body: '<h1>Back at six</h1>' });
  expect((await get({ cookie: 'door=open' })).status).toBe(200);
  expect((await get({ 'Sandbox-Client-Address': '198.51.100.7' })).status).toBe(200);
  expect((await get({ 'Sandbox-Client-Address': '198.51.100.8' })).status).toBe(503);
});
