import { cname, liveHosts, stackNames } from '../../names';
import type { Posture } from '../../posture';
import { having, PreconditionError } from '../../runbook/errors';
import type { Evidence } from '../../runbook/step';
import type { Settings } from '../../settings';
import type { Ports } from '../ports';
import { observeHosts } from '../side/observed';
import { declaredTemplate } from '../stacks/deploy';
import { beanstalkZone } from '../stacks/repair';
import { changeStack, isAdded, isChangedInPlace, stackAs } from './change-stack';
import { adoptedWords } from './intended';
import type { Live } from './look';
import { addressesOf, plainTtlSeconds, probeRecords, type Target, type Way } from './probe-records';

/** One at a time: what matters least first, the zone's own name last. */
export function hostsInOrder(settings: Settings): string[] {
  const weight = (host: string) => {
    if (host === settings.zone.name) return 2;
    const role = Object.values(settings.roles).find(({ hosts }) => hosts.includes(host));
    return role?.payments ? 1 : 0;
  };
  return [...liveHosts(settings)].sort((a, b) => weight(a) - weight(b));
}

function targetOf(settings: Settings, declared: Posture, host: string): Target {
  const { side, role } = declared.hosts[host]!;
  return { name: cname(settings, side, role), zoneId: beanstalkZone(settings.region) };
}

/**
 * Makes each name that is a plain record an alias of the same environment, in one batch each, so that it is never without
 * an answer.
 * @returns the names that were changed
 * @throws PreconditionError RECORD_CHANGED for a name that leads elsewhere
 */
export async function turnIntoAliases(ports: Ports, { declared }: Pick<Live, 'declared'>): Promise<string[]> {
  const turned: string[] = [];
  for (const host of hostsInOrder(ports.settings)) {
    const target = targetOf(ports.settings, declared, host);
    if ((await requireLeading(ports, host, target)) === 'alias') continue;
    ports.progress(`${host}: an alias to ${target.name} in the place of its plain record`);
    await ports.names.point(ports.settings.zone.id, host, target);
    turned.push(host);
  }
  return turned;
}

/** @throws PreconditionError RECORD_CHANGED when somebody let the name lead elsewhere meanwhile. */
async function requireLeading(ports: Ports, host: string, { name }: Target): Promise<'alias' | 'plain'> {
  const observed = (await observeHosts(ports))[host] ?? 'no record';
  if (observed === `alias to ${name}`) return 'alias';
  const own = (await ports.outside.resolve(name)).map((address) => `A ${address}`);
  // Its own addresses are there while a run that was cut off let the stack take the name.
  const isOwn = observed.split(' and ').sort().join() === own.sort().join();
  if (observed === `CNAME ${name}` || isOwn) return 'plain';
  throw new PreconditionError('RECORD_CHANGED', {
    so: `The record of ${host} is ${observed}, and should lead to ${name}: somebody changed it.`,
    changed: 'Records that were changed before it stay so; they lead where they led.',
    next: `Find out who changed ${host} and why, let it lead to ${name} again; then run the same command again.`,
  });
}

interface RecordResource {
  Type: string;
  Properties: { Name: string; AliasTarget?: unknown; ResourceRecords?: string[] };
}
interface Template {
  Resources: Record<string, RecordResource>;
}

const isRecord = ({ Type }: RecordResource) => Type === 'AWS::Route53::RecordSet';

const whole = ({ settings }: Ports, { record }: Pick<Live, 'record'>): Template =>
  JSON.parse(
    declaredTemplate({ settings, record, words: adoptedWords(settings) }, stackNames(settings).traffic),
  );

/** Whether the stack has every record and, after them, the posture. */
export const namesAdopted = (ports: Ports, live: Pick<Live, 'record'>): Promise<Evidence[]> =>
  stackAs(ports, { stack: stackNames(ports.settings).traffic, template: whole(ports, live) });

/**
 * Lets the stack of the names take the records as they are, one after another, and records the posture last. Records
 * cannot be imported; how CloudFormation takes them is tried on a name that nobody uses first.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
 * @throws PreconditionError RECORD_CHANGED, RECORDS_NOT_ADOPTABLE
 * @throws StepFailedError DEPLOY_FAILED
 */
export async function adoptNames(ports: Ports, live: Pick<Live, 'record' | 'declared'>): Promise<void> {
  const { settings } = ports;
  const stack = stackNames(settings).traffic;
  const complete = whole(ports, live);
  const taken = await takenBy(ports, stack);
  const hosts = hostsInOrder(settings);
  const left = hosts.filter((host) => !taken.get(host)?.AliasTarget);
  const way = left.length > 0 ? await wayFor(ports, targetOf(settings, live.declared, left[0]!)) : 'alias';
  for (const host of left) {
    const target = targetOf(settings, live.declared, host);
    const before = hosts.slice(0, hosts.indexOf(host));
    const given = { stack, host, target, complete, before, plain: taken.get(host) };
    await requireLeading(ports, host, target);
    if (way === 'alias') await takeAlias(ports, given);
    else await takeByAddresses(ports, given);
  }
  await changeStack(ports, { stack, template: complete, wanted: isAdded });
}

/** The records that the stack has, by name. */
async function takenBy(ports: Ports, stack: string): Promise<Map<string, RecordResource['Properties']>> {
  const { Resources = {} } = ((await ports.stacks.template(stack)) ?? {}) as Partial<Template>;
  return new Map(
    Object.values(Resources)
      .filter(isRecord)
      .map(({ Properties }) => [Properties.Name, Properties]),
  );
}

async function wayFor(ports: Ports, target: Target): Promise<Way> {
  const way = await probeRecords(ports, target);
  if (way) return way;
  throw new PreconditionError('RECORDS_NOT_ADOPTABLE', {
    so: 'CloudFormation takes no record as its own that is there already, neither an alias nor plain addresses: it was tried on a name that nobody uses.',
    changed: 'The names lead where they led. The environments are adopted; the posture is not recorded.',
    next: `Ask AWS's support how a record that exists is brought into a stack; then run the same command again.`,
  });
}

interface Taking {
  stack: string;
  host: string;
  target: Target;
  /** The template of the stack when everything is in it. */
  complete: Template;
  /** Hosts that are in it already. */
  before: string[];
  /** The record of this host in it, if a run that was cut off has put plain addresses there. */
  plain: RecordResource['Properties'] | undefined;
}

/** The template with the records of these hosts alone; of one, plain addresses may take the alias's place. */
function partOf({ complete, before, host }: Taking, addresses?: string[]): Template {
  const kept = Object.entries(complete.Resources).filter(
    ([, resource]) => isRecord(resource) && [...before, host].includes(resource.Properties.Name),
  );
  const Resources = kept.map(([id, resource]) => {
    const { AliasTarget, ...others } = resource.Properties;
    if (resource.Properties.Name !== host || !addresses) return [id, resource] as const;
    return [id, { ...resource, Properties: { ...others, ...addressesOf(addresses) } }] as const;
  });
  return { ...complete, Resources: Object.fromEntries(Resources) };
}

/** An alias that was made in the console may be another in its details: it is put as the template says first. */
async function takeAlias(ports: Ports, taking: Taking): Promise<void> {
  const { stack, host, target } = taking;
  await ports.names.point(ports.settings.zone.id, host, target);
  await changeStack(ports, { stack, template: partOf(taking), wanted: isAdded });
}

/**
 * For the moments of two changes of the stack the name has the load balancer's addresses themselves. If that fails, it is
 * an alias again.
 */
async function takeByAddresses(ports: Ports, taking: Taking): Promise<void> {
  const { stack, host, target, plain } = taking;
  const zoneId = ports.settings.zone.id;
  if (!plain) {
    const addresses = (await ports.outside.resolve(target.name)).sort();
    await ports.names.address(zoneId, host, addresses, plainTtlSeconds);
    const template = partOf(taking, addresses);
    try {
      await changeStack(ports, { stack, template, wanted: isAdded });
    } catch (error) {
      await ports.names.point(zoneId, host, target);
      throw error;
    }
  }
  await having(`${host} has plain addresses, which the same command makes an alias again.`, () =>
    changeStack(ports, { stack, template: partOf(taking), wanted: isChangedInPlace }),
  );
}
