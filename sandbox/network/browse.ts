import type { WebRequest, WebResponse, World } from '../world';
import { Resolver } from './resolver';

/** Sends a request to its host. Undefined when the name leads nowhere, nothing listens there, or it was closed on. */
export type Browse = (request: WebRequest) => Promise<WebResponse | undefined>;

/** A visitor's browser in process, with a DNS cache of its own: it goes where the name led when it was last asked. */
export function createBrowser(world: Pick<World, 'clock' | 'zones' | 'beanstalk'>): Browse {
  const resolver = new Resolver(world);
  return async (request) => {
    const [address] = resolver.addresses(request.host);
    return address === undefined ? undefined : world.beanstalk.serve(address, request);
  };
}
