import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { doorName, testerCookie } from '../names';
import type { DoorPosition } from '../posture';
import type { Settings } from '../settings';

export interface EnvironmentDoorProps {
  environment: string;
  loadBalancerArn: string;
  position: DoorPosition;
  door: Settings['door'];
  /** The ARN of the set of the testers' addresses. */
  testers: string;
  /** Undefined while nobody is let through by it. */
  testerToken: string | undefined;
}

/** A night and the morning after it. */
const cookieSeconds = 24 * 60 * 60;

/**
 * A web ACL before one environment's load balancer. Its position is changed in place, without a word to the
 * environment; health checks do not pass it. A load balancer has one web ACL at most.
 * https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
 */
export class EnvironmentDoor extends Construct {
  constructor(scope: Construct, id: string, props: EnvironmentDoorProps) {
    super(scope, id);
    const acl = new CfnWebACL(this, 'Acl', {
      name: doorName(props.environment),
      scope: 'REGIONAL',
      visibilityConfig: visibility(doorName(props.environment)),
      defaultAction:
        props.position === 'open' ? { allow: {} } : { block: { customResponse: refusal(props) } },
      customResponseBodies: { maintenance: { contentType: 'TEXT_HTML', content: props.door.page } },
      rules: props.position === 'testers' ? [...links(props), letThrough(props)] : [],
    });
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: props.loadBalancerArn,
      webAclArn: acl.attrArn,
    });
  }
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  // A sample of the requests would hold what people send.
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false, metricName };
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-for-blocked-requests.html */
function refusal({ door }: EnvironmentDoorProps): CfnWebACL.CustomResponseProperty {
  return {
    responseCode: 503,
    customResponseBodyKey: 'maintenance',
    responseHeaders: [
      { name: 'Retry-After', value: String(door.retryAfterSeconds) },
      { name: 'Cache-Control', value: 'no-store' },
    ],
  };
}

const plain = [{ priority: 0, type: 'NONE' }];

/** A link with the token is answered with the cookie and the way to the first page. */
function links({ testerToken }: EnvironmentDoorProps): CfnWebACL.RuleProperty[] {
  if (testerToken === undefined) return [];
  const cookie = `${testerCookie}=${testerToken}; Path=/; Max-Age=${cookieSeconds}; Secure; HttpOnly; SameSite=Lax`;
  return [
    {
      name: 'tester-link',
      priority: 0,
      visibilityConfig: visibility('tester-link'),
      action: {
        block: {
          customResponse: {
            responseCode: 302,
            responseHeaders: [
              { name: 'Location', value: '/' },
              { name: 'Set-Cookie', value: cookie },
              { name: 'Cache-Control', value: 'no-store' },
            ],
          },
        },
      },
      statement: {
        byteMatchStatement: {
          fieldToMatch: { singleQueryArgument: { Name: testerCookie } },
          positionalConstraint: 'EXACTLY',
          searchString: testerToken,
          textTransformations: plain,
        },
      },
    },
  ];
}

/** By their address, or by the cookie. */
function letThrough({ testers, testerToken }: EnvironmentDoorProps): CfnWebACL.RuleProperty {
  const byAddress = { ipSetReferenceStatement: { arn: testers } };
  const byCookie = {
    byteMatchStatement: {
      fieldToMatch: {
        cookies: {
          matchPattern: { includedCookies: [testerCookie] },
          matchScope: 'VALUE',
          oversizeHandling: 'NO_MATCH',
        },
      },
      positionalConstraint: 'EXACTLY',
      searchString: testerToken,
      textTransformations: plain,
    },
  };
  return {
    name: 'testers',
    priority: 1,
    visibilityConfig: visibility('testers'),
    action: { allow: {} },
    statement: testerToken === undefined ? byAddress : { orStatement: { statements: [byAddress, byCookie] } },
  };
}
