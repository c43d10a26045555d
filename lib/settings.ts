import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from './runbook/errors';
import {
  activity,
  count,
  door,
  environmentName,
  host,
  identifier,
  login,
  loginForm,
  name,
  pattern,
  queue,
  secret,
  smoke,
  sync,
  testSystem,
  tidyUp,
  toggle,
  variable,
} from './settings-parts';
import { type Fault, rules } from './settings-rules';

export const sides = ['blue', 'green'] as const;
export type Side = (typeof sides)[number];
export const otherSide = (side: Side): Side => (side === 'blue' ? 'green' : 'blue');

const side = z.enum(sides);

const environment = z.strictObject({
  name: environmentName,
  /** The role and the instance profile of its instances, one for each environment. */
  instanceRole: name,
  /** Given for an environment made by hand; a new one's is computed. */
  adoptedCname: host.optional(),
  /** Given where an adopted environment shared its role with others: the tool makes it the one of its own. */
  ownRole: z.literal(true).optional(),
});

const shape = z.strictObject({
  prefix: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'should begin with a capital letter'),
  account: z.string().regex(/^\d{12}$/, 'should be twelve digits in quotes'),
  region: z.string().regex(/^[a-z]{2}-[a-z]+-\d$/, 'should be a region such as ap-southeast-2'),
  application: z.string().min(1),
  parameterPath: z.string().regex(/^(\/[A-Za-z0-9_.-]+)+$/, 'should begin with a slash and not end with one'),
  upgrade: z.strictObject({ from: side, to: side }),
  zone: z.strictObject({
    id: z.string().regex(/^Z[A-Z0-9]+$/, 'should be the id of a hosted zone'),
    name: host,
  }),
  roles: z.record(
    name,
    z.strictObject({
      hosts: z.array(host).min(1),
      payments: z.boolean(),
      /** Whether its hosts receive the events of sent e-mail. */
      mailEvents: z.boolean().optional(),
      open: z.strictObject({ min: count, max: count }),
    }),
  ),
  sides: z.strictObject({
    blue: z.strictObject({ databases: name, environments: z.record(name, environment) }),
    green: z.strictObject({ databases: name, environments: z.record(name, environment) }),
  }),
  environment: z.strictObject({
    platformArn: z
      .string()
      .regex(
        /^arn:aws:elasticbeanstalk:[a-z0-9-]+::platform\/.+\/\d+\.\d+\.\d+$/,
        'should be a platform version ARN',
      ),
    versionLabel: z.string().min(1),
    instanceType: z.string().regex(/^[a-z0-9]+\.[a-z0-9]+$/, 'should be an instance type such as t3.large'),
    serviceRole: z.string().min(1),
    /** What every role that the tool makes may do besides: the ARNs of managed policies. */
    instancePolicies: z
      .array(
        z.string().regex(/^arn:aws:iam::(aws|\d{12}):policy\/.+$/, 'should be the ARN of a managed policy'),
      )
      .optional(),
    vpc: z.string().startsWith('vpc-'),
    instanceSubnets: z.array(z.string().startsWith('subnet-')).min(1),
    loadBalancerSubnets: z.array(z.string().startsWith('subnet-')).min(2),
    securityGroups: z.array(z.string().startsWith('sg-')).min(1),
    loadBalancerSecurityGroups: z.array(z.string().startsWith('sg-')).min(1),
    certificateArn: z.string().startsWith('arn:aws:acm:'),
    healthCheckPath: z.string().startsWith('/'),
  }),
  variables: z.strictObject({
    maintenance: toggle.optional(),
    email: toggle.optional(),
    database: z.strictObject({
      name: variable,
      host: variable,
      port: variable,
      user: variable,
      password: variable,
    }),
    payments: z.array(variable),
    absent: z.array(variable),
    plain: z.record(variable, z.string()),
    secrets: z.array(variable),
  }),
  database: z.strictObject({
    name: identifier,
    port: z.number().int(),
    instanceClass: z.string().startsWith('db.'),
    writer: login,
    reader: login,
  }),
  preparationDatabase: z.strictObject({ host, name: identifier, user: identifier, secret }),
  commands: z.strictObject({
    migrate: z.array(z.string()).min(1),
    migrationsPending: z.array(z.string()).min(1),
  }),
  sessionTable: identifier.optional(),
  /** Tables whose every row is compared when a copy is verified; of the others the number of rows is. */
  ledgerTables: z.array(identifier).default([]),
  /** Absent where nobody is to be converted and no address is blocked. */
  conversion: z
    .strictObject({
      command: z.array(z.string()).min(1),
      duplicateLine: pattern,
      unregisteredTable: identifier,
      userTable: identifier,
      blockedEmailTable: identifier,
    })
    .optional(),
  sync: sync.optional(),
  testSystem: testSystem.optional(),
  smoke: smoke.optional(),
  /** How a person logs in; without it only a person can show that somebody can. */
  loginForm: loginForm.optional(),
  /** Absent where nobody enters anything that could be lost. */
  activity: activity.optional(),
  /** Absent where no job sends anything. */
  mailQueue: queue.optional(),
  /** Absent where nothing stands before the load balancers. */
  door,
  /** How long the new side is watched after it was opened, before the run ends; 0 ends it at once. */
  bakeMinutes: z.number().int().min(0).default(30),
  tidyUp,
  /** Who is told by e-mail what happens in a run; each has to confirm it once. */
  people: z.strictObject({ emails: z.array(z.email()).default([]) }).default({ emails: [] }),
});

/** Settings that were checked: shapes, and that their parts fit each other. */
export type Settings = z.output<typeof shape>;

function misfits(untrusted: unknown): Fault[] {
  if (typeof untrusted !== 'object' || untrusted === null) return [];
  return rules.flatMap(({ needs, faults }) => {
    const mask: { [part in keyof Settings]?: true } = Object.fromEntries(needs.map((part) => [part, true]));
    const given = Object.fromEntries(Object.entries(untrusted).filter(([key]) => key in mask));
    const part = shape.pick(mask).safeParse(given);
    return part.success ? faults(part.data as Settings) : [];
  });
}

/**
 * Parses settings nobody has checked yet.
 * @throws UsageError SETTINGS_INVALID that lists every fault with its path.
 */
export function parseSettings(untrusted: unknown, source: string): Settings {
  const parsed = shape.safeParse(untrusted);
  const faults = [
    ...(parsed.error?.issues ?? []).flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `  ${[...issue.path, key].join('/')}: is no setting`)
        : [`  ${issue.path.join('/') || 'settings'}: ${issue.message}`],
    ),
    ...misfits(untrusted).map(([path, message]) => `  ${path.join('/')}: ${message}`),
  ];
  if (parsed.success && faults.length === 0) return parsed.data;
  throw invalid(source, `has ${faults.length} fault(s):\n${faults.join('\n')}\n`);
}

/**
 * Reads the settings from a YAML file.
 * @throws UsageError SETTINGS_INVALID
 */
export function readSettings(file: string): Settings {
  let untrusted: unknown;
  try {
    untrusted = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalid(file, `cannot be read: ${(error as Error).message}.`);
  }
  return parseSettings(untrusted, file);
}

function invalid(source: string, fault: string): UsageError {
  return new UsageError('SETTINGS_INVALID', {
    so: `The settings ${source} ${fault}`,
    changed: 'Nothing was changed.',
    next: `Mend ${source} and run the same command again.`,
  });
}
