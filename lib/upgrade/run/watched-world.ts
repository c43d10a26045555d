import { liveHosts, parameterArn, previewHosts, stackNames } from '../../names';
import type { Sight, Watched, World } from '../../runbook/change-watch';
import { type Settings, type Side, sides } from '../../settings';
import type { EnvironmentSettings, NameRecord, Ports } from '../ports';
import { plainNames } from '../side/observation';
import type { ListedStack } from '../stack-ports';
import { secretsNamespace, variablesNamespace } from '../stacks/owned-options';
import { isInProgress } from '../stacks/stack-status';

/**
 * What somebody else may change during a run, and CloudFormation alone does not tell: it sees neither variables nor records
 * that are changed by hand. Instances that come and go, and what their platform is updated to, are no part of it.
 */

/** What one step changes as a whole. A deploy of a side leaves the version of the application as it is. */
const ofSides = sides.flatMap((side): WatchedPart[] => [`version of ${side}`, side]);
export type WatchedPart =
  | 'operations'
  | 'fence'
  | 'door'
  | 'traffic'
  | 'databases'
  | Side
  | `version of ${Side}`
  | 'test-system';

/** What every run rests on, but one that leaves production alone. */
export const production: WatchedPart[] = ['operations', 'fence', 'door', 'traffic', 'databases', ...ofSides];

/** A handful of calls a look: the stacks and the records at once, and the settings of each environment. */
export function watchedWorld(ports: Ports, parts: WatchedPart[]): Watched {
  return { parts, look: (wanted) => look(ports, wanted as WatchedPart[]) };
}

async function look(ports: Ports, parts: WatchedPart[]): Promise<World> {
  const { settings } = ports;
  const wanted = new Set(parts);
  const names = parts.flatMap((part) => environmentsOf(settings, part));
  const isOfStacks = parts.some((part) => !part.startsWith('version of ') && part !== 'test-system');
  const isOfRecords = parts.some((part) => hostsOf(settings, part).length > 0);
  const [stacks, records, environments] = await Promise.all([
    isOfStacks ? ports.stacks.all() : [],
    isOfRecords ? ports.names.records(settings.zone.id) : [],
    names.length > 0 ? ports.environments.settingsOf([...new Set(names)]) : [],
  ]);
  const sightsOf = (part: WatchedPart): [string, Sight][] => {
    const own = environments.filter(({ name }) => environmentsOf(settings, part).includes(name));
    if (part.startsWith('version of ')) return own.map(versionSight);
    return [
      ...stacks.filter(({ name }) => isOf(settings, part, name)).flatMap(stackSight),
      ...hostsOf(settings, part).map((host) => hostSight(host, records)),
      ...(part === 'test-system' ? own.map(versionSight) : []),
      ...own.flatMap((environment) => settingSights(settings, environment)),
    ];
  };
  return Object.fromEntries([...wanted].map((part) => [part, Object.fromEntries(sightsOf(part))]));
}

function environmentsOf({ sides: ofSide, testSystem }: Settings, part: WatchedPart): string[] {
  if (part === 'test-system') return testSystem ? [testSystem.environment.name] : [];
  const side = sides.find((each) => part === each || part === `version of ${each}`);
  return side ? Object.values(ofSide[side].environments).map(({ name }) => name) : [];
}

function hostsOf(settings: Settings, part: WatchedPart): string[] {
  if (part === 'traffic') return liveHosts(settings);
  return part === 'blue' || part === 'green' ? previewHosts(settings, part) : [];
}

function isOf(settings: Settings, part: WatchedPart, stack: string): boolean {
  const names = stackNames(settings);
  if (part === 'databases') return stack.startsWith(`${settings.prefix}Database`);
  if (part === 'blue' || part === 'green') return stack === names.side(part);
  return stack === names[part as 'operations' | 'fence' | 'door' | 'traffic'];
}

/** The end of a change is no other change, unless it failed. A stack that is only reviewed is not there yet. */
function stackSight({ name, status, changedAt }: ListedStack): [string, Sight][] {
  if (status === 'REVIEW_IN_PROGRESS') return [];
  const failed = /FAILED|ROLLBACK/.test(status) ? `, ${status}` : '';
  const told = `deployed last at ${changedAt.toISOString()}${failed}`;
  return [[`the stack ${name}`, { told, moving: isInProgress(status) }]];
}

function hostSight(host: string, records: NameRecord[]): [string, Sight] {
  const own = records.filter(({ name, type }) => name === host && addressing.has(type));
  const told = own.map(({ alias, type, target, ttlSeconds }) =>
    alias ? `${type} alias to ${target}` : `${type} ${target} for ${ttlSeconds} seconds`,
  );
  return [`the record of ${host}`, { told: told.sort().join(' and ') || 'none' }];
}

const addressing = new Set(['A', 'AAAA', 'CNAME']);

const versionSight = ({ name, versionLabel, status }: EnvironmentSettings): [string, Sight] => [
  `the version label of ${name}`,
  { told: versionLabel || 'none', moving: isMoving(status) },
];

const isMoving = (status: string) => status === 'Updating' || status === 'Launching';

/** A platform that is updated brings an image of its own. */
const ofPlatform = new Set(['aws:autoscaling:launchconfiguration:ImageId']);

function settingSights(
  settings: Settings,
  { name, status, options }: EnvironmentSettings,
): [string, Sight][] {
  const plain = new Set([...plainNames(settings), ...Object.keys(settings.variables.plain)]);
  const parameters = parameterArn(settings, '');
  const moving = isMoving(status);
  const sights: [string, Sight][] = [];
  for (const [key, value] of Object.entries(options)) {
    if (ofPlatform.has(key)) continue;
    const at = key.lastIndexOf(':');
    const [namespace, option] = [key.slice(0, at), key.slice(at + 1)];
    const sight = optionSight({ plain, parameters }, namespace, option, value);
    sights.push([`${wordsFor(namespace, option)} of ${name}`, moving ? { ...sight, moving } : sight]);
  }
  return sights;
}

function wordsFor(namespace: string, option: string): string {
  if (namespace === variablesNamespace) return option;
  return namespace === secretsNamespace ? `the secret ${option}` : `${namespace} ${option}`;
}

/** A variable that the settings do not give may be somebody's secret; a reference to one is none. */
function optionSight(
  { plain, parameters }: { plain: Set<string>; parameters: string },
  namespace: string,
  option: string,
  value: string,
): Sight {
  if (namespace === secretsNamespace)
    return value.startsWith(parameters)
      ? { told: `the parameter ${value.slice(parameters.length)}` }
      : { told: 'a secret elsewhere', hidden: value };
  const isPlain = namespace === variablesNamespace && plain.has(option);
  const isMachine = namespace !== variablesNamespace && !/password|secret/i.test(option);
  return isPlain || isMachine ? { told: value } : { told: 'set', hidden: value };
}
