import { cname } from '../../names';
import type { EnvironmentPosture, Posture, SidePosture } from '../../posture';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { environmentNames } from '../side/choose-instance';
import { observeEnvironment, observeHosts } from '../side/observed';
import { ofEnvironment, ofHosts } from './differences';
import { keyOf, ownedOptions, strayOptions } from './owned-options';

/**
 * Mends what CloudFormation does not see of a side: options that were changed by hand, variables that stayed where
 * they must not be, processes that do not obey what is set. One act for each environment; whoever asked waits and
 * looks again.
 * @returns what it did, as sentences; none when nothing differs, or when it cannot be mended now.
 */
export async function repairSide(ports: Ports, side: Side, declared: SidePosture): Promise<string[]> {
  const environments = Object.values(declared.environments);
  const did = await Promise.all(environments.map((environment) => repair(ports, side, environment)));
  return did.filter((sentence) => sentence !== undefined);
}

/** An environment that is not Ready refuses every change. */
async function repair(ports: Ports, side: Side, declared: EnvironmentPosture): Promise<string | undefined> {
  const environment = await ports.environments.find(declared.name);
  if (environment?.status !== 'Ready') return undefined;
  const { name, options } = environment;
  const wrong = ownedOptions(ports.settings, declared).filter((each) => options[keyOf(each)] !== each.value);
  const strays = strayOptions(declared).filter((each) => options[keyOf(each)] !== undefined);
  if (wrong.length > 0 || strays.length > 0) {
    await ports.environments.update(name, wrong, strays);
    const set = wrong.length > 0 ? [`set ${named(wrong)}`] : [];
    const removed = strays.length > 0 ? [`removed ${named(strays)}`] : [];
    return `${name}: ${[...set, ...removed].join(' and ')}; it was otherwise than declared.`;
  }
  if (!(await disobeys(ports, side, declared))) return undefined;
  await ports.environments.restart(name);
  return `${name}: restarted its processes, which did not obey what is set.`;
}

/** A repair is an update of Elastic Beanstalk's own, of which no stack knows. */
export async function isBeingUpdated(ports: Ports, side: Side): Promise<boolean> {
  const names = environmentNames(ports.settings, side);
  const found = await Promise.all(names.map((name) => ports.environments.state(name)));
  return found.some((environment) => environment?.status === 'Updating');
}

const named = (options: { name: string }[]) => options.map(({ name }) => name).join(', ');

/** Whether an instance that answers has web processes that differ, or none. */
async function disobeys(ports: Ports, side: Side, declared: EnvironmentPosture): Promise<boolean> {
  const observed = await observeEnvironment(ports, side, declared);
  return ofEnvironment(ports.settings, declared, observed).some(
    ({ where, what }) => where !== declared.name && what.endsWith('processes'),
  );
}

/** Points every live name that leads elsewhere at the live side. */
export async function repairNames(ports: Ports, declared: Posture): Promise<string[]> {
  const { settings } = ports;
  const astray = ofHosts(settings, declared, await observeHosts(ports));
  const did: string[] = [];
  for (const { where: host, observed } of astray) {
    const { side, role } = declared.hosts[host]!;
    const target = { name: cname(settings, side, role), zoneId: beanstalkZone(settings.region) };
    await ports.names.point(settings.zone.id, host, target);
    did.push(`${host}: pointed at ${target.name}; it was ${observed}.`);
  }
  return did;
}

/** Loaded when it is needed: it belongs to the construct library, whose templates name the same zone. */
export function beanstalkZone(region: string): string {
  const { RegionInfo } = require('aws-cdk-lib/region-info') as typeof import('aws-cdk-lib/region-info');
  const zone = RegionInfo.get(region).ebsEnvEndpointHostedZoneId;
  if (!zone) throw new Error(`No hosted zone of Elastic Beanstalk is known for ${region}.`);
  return zone;
}
