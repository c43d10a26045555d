import { stackNames, testerCookie } from '../names';
import { PreconditionError } from '../runbook/errors';
import type { Ports } from './ports';

export interface TesterLinkResult {
  already: boolean;
  /** One for each host that people test. */
  links: string[];
  /** What brings a new token to the doors. */
  command: string | undefined;
}

/**
 * The links that give a tester's browser its cookie. The token is made once; a new one takes the place of the one
 * before when the doors are deployed.
 * @throws PreconditionError NO_DOOR
 */
export async function testerLink(ports: Ports, { renew = false } = {}): Promise<TesterLinkResult> {
  const { settings } = ports;
  if (!settings.door)
    throw new PreconditionError('NO_DOOR', {
      so: 'The settings have no door, so there is nothing to let testers through.',
      next: 'Describe one under door in the settings, then npx cdk deploy --all.',
    });
  const { testerToken } = await ports.record.readDoor();
  const already = testerToken !== undefined && !renew;
  const token = already ? testerToken : ports.clock.secret();
  if (!already) await ports.record.writeTesterToken(token);
  const hosts = Object.values(settings.roles).flatMap((role) => role.hosts);
  return {
    already,
    links: hosts.map((host) => `https://${host}/?${testerCookie}=${token}`),
    command: already ? undefined : `npx cdk deploy ${stackNames(settings).door} --exclusively`,
  };
}
