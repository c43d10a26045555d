import { GetWebACLForResourceCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import type { Doors } from '../upgrade/ports';
import type { Clients } from './clients';
import { stated } from './stated';

/** The web ACLs before load balancers. */
export class WebAcls implements Doors {
  private readonly waf: WAFV2Client;

  constructor(clients: Clients) {
    this.waf = clients.make(WAFV2Client);
  }

  /** https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACLForResource.html */
  async before(loadBalancerArn: string) {
    const { WebACL } = await this.waf.send(new GetWebACLForResourceCommand({ ResourceArn: loadBalancerArn }));
    if (!WebACL) return undefined;
    return {
      name: stated(WebACL.Name, 'Name of a web ACL'),
      lets: WebACL.DefaultAction?.Allow !== undefined,
      rules: (WebACL.Rules ?? []).map(({ Name }) => Name ?? ''),
    };
  }
}
