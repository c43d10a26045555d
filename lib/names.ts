import { createHash } from 'node:crypto';
import type { Settings, Side } from './settings';

/** Names and addresses that follow from the settings alone. */

export const parameterNames = (settings: Settings) => ({
  posture: `${settings.parameterPath}/upgrade/posture`,
  databases: `${settings.parameterPath}/upgrade/databases`,
  database: (id: string) => `${settings.parameterPath}/upgrade/databases/${id}`,
  answers: `${settings.parameterPath}/upgrade/answers`,
  testSystem: `${settings.parameterPath}/upgrade/test-system`,
  /** The address of the web hook that people read. */
  webHook: `${settings.parameterPath}/upgrade/people-web-hook`,
  testerToken: `${settings.parameterPath}/upgrade/tester-token`,
  secret: (name: string) => `${settings.parameterPath}/secrets/${name}`,
  /** The secret whose value is `not-set`: what a fenced environment has instead of payment keys. */
  notSet: `${settings.parameterPath}/secrets/not-set`,
});

export function parameterArn(settings: Settings, name: string): string {
  return `arn:aws:ssm:${settings.region}:${settings.account}:parameter${name}`;
}

export function stackNames(settings: Settings) {
  const { prefix } = settings;
  return {
    operations: `${prefix}Operations`,
    /** What instances may do while they are adopted; it is taken away again. */
    adoption: `${prefix}Adoption`,
    /** A name that nobody uses, for finding out whether CloudFormation takes a record that is there. */
    probe: `${prefix}Probe`,
    door: `${prefix}Door`,
    fence: `${prefix}Fence`,
    traffic: `${prefix}Traffic`,
    side: (side: Side) => `${prefix}${side === 'blue' ? 'Blue' : 'Green'}`,
    database: (side: Side, generation: number) =>
      `${prefix}Database${side === 'blue' ? 'Blue' : 'Green'}${generation === 1 ? '' : generation}`,
  };
}

/** Where people are told what happens in a run. */
export const topicName = ({ prefix }: Settings): string => `${prefix}-upgrade`;

export function topicArn(settings: Settings): string {
  return `arn:aws:sns:${settings.region}:${settings.account}:${topicName(settings)}`;
}

/** The identifier of a restored database: the side's name for them, numbered from the second on. */
export function databaseId(settings: Settings, side: Side, generation: number): string {
  const base = settings.sides[side].databases;
  return generation > 1 ? `${base}-${generation}` : base;
}

export function bucketName(settings: Settings): string {
  return `${settings.prefix.toLowerCase()}-operations-${settings.account}-${settings.region}`;
}

/** Where instances keep what commands print. */
export const commandOutputsArn = (settings: Settings) => `arn:aws:s3:::${bucketName(settings)}/commands/*`;

/**
 * The CNAME prefix of a new environment: its name and a short hash of account and application, so that it is known
 * at synthesis and hard for another customer to take first. At most 63 characters.
 */
export function cnamePrefix(settings: Settings, environment: string): string {
  const hash = createHash('sha256')
    .update(`${settings.account}/${settings.application}`)
    .digest('hex')
    .slice(0, 8);
  return `${environment}-${hash}`;
}

/** The name at which an environment's load balancer answers, whichever way it came to be. */
export function cname(settings: Settings, side: Side, role: string): string {
  const environment = settings.sides[side].environments[role]!;
  return (
    environment.adoptedCname ??
    `${cnamePrefix(settings, environment.name)}.${settings.region}.elasticbeanstalk.com`
  );
}

/** The name under which an environment can be asked before the records point at it. */
export function previewHost(settings: Settings, environment: string): string {
  return `${environment}.${settings.zone.name}`;
}

/** Every name that people use. */
export const liveHosts = ({ roles }: Settings): string[] =>
  Object.values(roles).flatMap(({ hosts }) => hosts);

/** Whether every environment of a side has one: one that was adopted has no name of its own in the zone. */
export const hasPreviews = (settings: Settings, side: Side): boolean =>
  previewHosts(settings, side).length === Object.keys(settings.sides[side].environments).length;

/** Those that a side has. */
export function previewHosts(settings: Settings, side: Side): string[] {
  const own = Object.values(settings.sides[side].environments).filter(({ adoptedCname }) => !adoptedCname);
  return own.map(({ name }) => previewHost(settings, name));
}

/** The web ACL before an environment's load balancer. */
export const doorName = (environment: string): string => `${environment}-door`;

/** The rule of a closed door for requests by one of our names, and its metric. */
export const ourNamesRule = 'our-names';

/** The cookie that a tester's browser shows at a door, and the parameter of the link that it got it by. */
export const testerCookie = 'upgrade_tester';

/** The variable that tells which posture a process obeys. */
export const stampVariable = 'UPGRADE_POSTURE';
