import {
  GetSampledRequestsCommand,
  GetWebACLForResourceCommand,
  type SampledHTTPRequest,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { ourNamesRule } from '../names';
import type { Door, Doors, Refused } from '../upgrade/door-ports';
import type { Clients } from './clients';
import { stated } from './stated';

const mostAtOnce = 500;
const mostExamples = 3;

/** The web ACLs before load balancers. */
export class WebAcls implements Doors {
  private readonly waf: WAFV2Client;
  /** By load balancer. */
  private readonly asking = new Map<string, Promise<Door | undefined>>();

  constructor(clients: Clients) {
    // It answers one such call a second: with this the client slows down as far as it must.
    // https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
    this.waf = clients.make(WAFV2Client, { retryMode: 'adaptive', maxAttempts: 10 });
  }

  /** Whoever asks while it is being asked gets the same answer. */
  before(loadBalancerArn: string) {
    const asked = this.asking.get(loadBalancerArn) ?? this.ask(loadBalancerArn);
    this.asking.set(loadBalancerArn, asked);
    const forget = () => this.asking.delete(loadBalancerArn);
    asked.then(forget, forget);
    return asked;
  }

  /**
   * Where there are few, the sample is all of them; of none none was asked for. It goes back three hours.
   * https://docs.aws.amazon.com/waf/latest/APIReference/API_GetSampledRequests.html
   */
  async refused(loadBalancerArn: string, since: Date, until: Date): Promise<Refused | undefined> {
    const { WebACL } = await this.waf.send(new GetWebACLForResourceCommand({ ResourceArn: loadBalancerArn }));
    const rule = WebACL?.Rules?.find(({ Name }) => Name === ourNamesRule);
    if (!rule?.VisibilityConfig?.SampledRequestsEnabled) return undefined;
    const { SampledRequests = [], PopulationSize = 0 } = await this.waf.send(
      new GetSampledRequestsCommand({
        WebAclArn: stated(WebACL?.ARN, 'ARN of a web ACL'),
        RuleMetricName: stated(rule.VisibilityConfig.MetricName, `MetricName of ${ourNamesRule}`),
        Scope: 'REGIONAL',
        TimeWindow: { StartTime: since, EndTime: until },
        MaxItems: mostAtOnce,
      }),
    );
    return {
      requests: Math.max(PopulationSize, SampledRequests.length),
      examples: SampledRequests.slice(0, mostExamples).map(told),
    };
  }

  /** https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACLForResource.html */
  private async ask(loadBalancerArn: string): Promise<Door | undefined> {
    const { WebACL } = await this.waf.send(new GetWebACLForResourceCommand({ ResourceArn: loadBalancerArn }));
    if (!WebACL) return undefined;
    return {
      name: stated(WebACL.Name, 'Name of a web ACL'),
      lets: WebACL.DefaultAction?.Allow !== undefined,
      rules: (WebACL.Rules ?? []).map(({ Name }) => Name ?? ''),
    };
  }
}

function told({ Request, Timestamp }: SampledHTTPRequest): string {
  const host = Request?.Headers?.find(({ Name }) => Name?.toLowerCase() === 'host')?.Value ?? '';
  const at = Timestamp?.toISOString() ?? 'an unknown time';
  return `${Request?.Method} ${host}${Request?.URI} from ${Request?.ClientIP} at ${at}`;
}
