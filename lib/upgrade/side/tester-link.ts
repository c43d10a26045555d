import { liveHosts, previewHosts, stackNames, testerCookie } from '../../names';
import type { Ports } from '../ports';

export interface TesterLinkResult {
  already: boolean;
  /** One for each host that people test: the live ones, and those under which the new side answers before. */
  links: string[];
  /** What brings a new token to the doors. */
  command: string | undefined;
}

/**
 * The links that give a tester's browser its cookie. The token is made once; a new one takes the place of the one
 * before when the doors are deployed.
 */
export async function testerLink(ports: Ports, { renew = false } = {}): Promise<TesterLinkResult> {
  const { settings } = ports;
  const testerToken = await ports.record.readTesterToken();
  const already = testerToken !== undefined && !renew;
  const token = already ? testerToken : ports.clock.secret();
  if (!already) await ports.record.writeTesterToken(token);
  const hosts = [...liveHosts(settings), ...previewHosts(settings, settings.upgrade.to)];
  return {
    already,
    links: hosts.map((host) => `https://${host}/?${testerCookie}=${token}`),
    command: already ? undefined : `npx cdk deploy ${stackNames(settings).door} --exclusively`,
  };
}
