/** What the upgrade needs to know of the doors before load balancers. */

/** A web ACL before a load balancer. */
export interface Door {
  name: string;
  /** Whether it lets through whom no rule is about. */
  lets: boolean;
  /** The names of its rules. */
  rules: string[];
}

/** What a closed door has refused. */
export interface Refused {
  requests: number;
  /** A few of them, such as `GET myabf.com.au/ from 198.51.100.7 at TIME`. */
  examples: string[];
}

export interface Doors {
  /** Who came by one of our names since then; undefined where the door before it notes that of nobody. */
  refused(loadBalancerArn: string, since: Date, until: Date): Promise<Refused | undefined>;
  /** Undefined when there is none. */
  before(loadBalancerArn: string): Promise<Door | undefined>;
}
