import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { doorName, ourNamesRule, testerCookie } from '../names';
import type { DoorPosition } from '../posture';
import type { Settings } from '../settings';

export interface EnvironmentDoorProps {
  environment: string;
  loadBalancerArn: string;
  position: DoorPosition;
  door: Settings['door'];
  /** What every name of ours ends with. */
  zone: string;
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
      rules: rulesOf(props),
      dataProtectionConfig: nothingOfPeoples,
    });
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: props.loadBalancerArn,
      webAclArn: acl.attrArn,
    });
  }
}

function rulesOf(props: EnvironmentDoorProps): CfnWebACL.RuleProperty[] {
  if (props.position === 'closed') return [ourNames(props)];
  return props.position === 'testers' ? [...links(props), letThrough(props)] : [];
}

function visibility(metricName: string, sampledRequestsEnabled = false): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled, metricName };
}

/**
 * Samples hold neither cookies nor what follows a path.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-wafv2-webacl-dataprotectionconfig.html
 */
const nothingOfPeoples: CfnWebACL.DataProtectionConfigProperty = {
  dataProtections: ['SINGLE_COOKIE', 'QUERY_STRING'].map((fieldType) => ({
    field: { fieldType },
    action: 'SUBSTITUTION',
  })),
};

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

/**
 * Refuses as the door does anyway, and keeps samples: who still comes to a closed door by one of our names. Machines that
 * try addresses at random know none.
 */
function ourNames(props: EnvironmentDoorProps): CfnWebACL.RuleProperty {
  return {
    name: ourNamesRule,
    priority: 0,
    visibilityConfig: visibility(ourNamesRule, true),
    action: { block: { customResponse: refusal(props) } },
    statement: {
      byteMatchStatement: {
        fieldToMatch: { singleHeader: { Name: 'host' } },
        positionalConstraint: 'CONTAINS',
        searchString: props.zone,
        textTransformations: [{ priority: 0, type: 'LOWERCASE' }],
      },
    },
  };
}

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
