import { PreconditionError } from '../../lib/runbook/errors';
import type { Outside } from '../../lib/upgrade/ports';
import type { SimulatedWorld } from './world/world';

/** How a visitor sees a host of the world, without a name server or a socket in between. */
export function outsideOf({ world }: SimulatedWorld, isAlive: () => boolean): Outside {
  const resolve = async (host: string) =>
    world.zones
      .resolve(host, 'A')
      .filter(({ type }) => type === 'A')
      .map(({ value }) => value);
  return {
    resolve,
    ask: async (host, path, { method = 'GET', headers = {}, body = '' } = {}) => {
      const [address] = await resolve(host);
      if (!address)
        throw new PreconditionError('NAME_UNKNOWN', {
          so: `The name ${host} has no address.`,
          changed: 'Asking changed nothing.',
          next: 'Compare the records with npm run status.',
        });
      const answer = await world.beanstalk.serve(address, { method, path, host, headers, body });
      if (!isAlive()) return new Promise<never>(() => {});
      if (!answer) return undefined;
      const cookie = answer.headers['set-cookie']?.split(';')[0];
      return { status: answer.status, body: answer.body, cookies: cookie ? [cookie] : [], address };
    },
  };
}
