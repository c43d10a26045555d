import { GetWebACLForResourceCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import type { Door, Doors } from '../upgrade/ports';
import type { Clients } from './clients';
import { stated } from './stated';

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
