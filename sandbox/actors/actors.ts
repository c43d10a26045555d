import type { World } from '../world';
import { seededRandom } from './random';
import { type Browse, Stage } from './stage';
import { type Account, Visitor } from './visitor';
import { beginSending, ses, stripe } from './web-hooks';

export interface ActorsOptions {
  hosts: {
    /** Where visitors go, each to one of them in turn; Stripe's web hook goes to the first. */
    web: string[];
    ses: string;
  };
  browse: Browse;
  /** The visitors, one for each. */
  accounts: Account[];
  /** Whatever else is equal, the same seed makes the same visitors do the same. */
  seed?: number;
  /** What Stripe signs with; without it, nothing is signed. */
  stripeWebhookSecret?: string;
}

/** The last part of the first visitor's address, behind those of load balancers. All are reserved for documentation. */
const firstVisitor = 201;

/** People and services outside, who go on acting on the application whatever is being done to it. */
export function startActors(world: World, options: ActorsOptions): { stop: () => void } {
  const { hosts, browse, accounts, seed = 1 } = options;
  const stage = new Stage(world, browse);
  for (const [index, account] of accounts.entries()) {
    const host = hosts.web[index % hosts.web.length]!;
    const address = `198.51.100.${firstVisitor + index}`;
    new Visitor(stage, account, host, address, seededRandom(seed * 1_000 + index)).begin();
  }
  beginSending(stage, stripe(hosts.web[0]!, options.stripeWebhookSecret));
  beginSending(stage, ses(hosts.ses));
  return { stop: () => stage.stop() };
}
