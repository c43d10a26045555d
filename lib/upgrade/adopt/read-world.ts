import { PreconditionError, UsageError } from '../../runbook/errors';
import type { Environment, NameRecord, Ports, Zone } from '../ports';
import { readyEnvironment } from '../side/choose-instance';
import { profileOf } from './look';
import type { World } from './settings-of-world';

/**
 * Reads what is to be adopted, by the names of its environments.
 * @throws UsageError ROLES_UNKNOWN when they are not those of the settings.
 * @throws PreconditionError ENVIRONMENT_MISSING, ENVIRONMENT_NOT_READY, ZONE_UNCLEAR
 */
export async function readWorld(ports: Ports, names: Record<string, string>): Promise<World> {
  const { settings } = ports;
  const wanted = Object.keys(settings.roles).sort().join(', ');
  const given = Object.keys(names).sort().join(', ');
  if (wanted !== given)
    throw new UsageError('ROLES_UNKNOWN', {
      so: `Environments were given for ${given || 'no role'}; the settings have the roles ${wanted}.`,
      changed: 'Nothing was changed.',
      next: `Give one for each: --environments ${Object.keys(settings.roles)
        .map((role) => `${role}=NAME`)
        .join(',')}`,
    });
  const environments: Record<string, Environment> = {};
  for (const [role, name] of Object.entries(names)) environments[role] = await readyEnvironment(ports, name);
  const policies: Record<string, string[]> = {};
  for (const environment of Object.values(environments)) {
    const profile = profileOf(environment);
    policies[profile] ??= await policiesOf(ports, profile);
  }
  const { zone, records } = await zoneOf(ports, Object.values(environments));
  return { account: settings.account, environments, zone, records, policies };
}

/** What is written into a role by hand cannot be given to another, and is not left out silently. */
async function policiesOf(ports: Ports, profile: string): Promise<string[]> {
  const role = await ports.roles.ofProfile(profile);
  if (role === undefined)
    throw new PreconditionError('ROLE_MISSING', {
      so: `The instance profile ${profile || '(none)'} has no role.`,
      next: 'Give the environment an instance profile in the console, then run the same command again.',
    });
  const { managed, inline } = await ports.roles.policies(role);
  if (inline.length > 0)
    ports.progress(
      `${role}: ${inline.join(', ')} is written into it; make it a managed policy if others need it`,
    );
  return managed;
}

/** The one public zone that has names of the environments. */
async function zoneOf(
  { names }: Ports,
  environments: Environment[],
): Promise<{ zone: Zone; records: NameRecord[] }> {
  const cnames = new Set(environments.map(({ cname }) => cname));
  const found: { zone: Zone; records: NameRecord[] }[] = [];
  for (const zone of await names.zones()) {
    if (zone.private) continue;
    const records = await names.records(zone.id);
    if (records.some(({ target }) => cnames.has(target))) found.push({ zone, records });
  }
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  throw new PreconditionError('ZONE_UNCLEAR', {
    so: `${found.length} hosted zones of the account have names that lead to ${[...cnames].join(' or ')}: ${found.map(({ zone }) => zone.name).join(', ') || 'none'}.`,
    next: 'Let the names that people use be in one hosted zone, then run the same command again.',
  });
}
