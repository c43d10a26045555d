import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from './runbook/errors';
import {
  count,
  door,
  environmentName,
  host,
  identifier,
  login,
  name,
  pattern,
  secret,
  smoke,
  toggle,
  variable,
} from './settings-parts';

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
  smoke: smoke.optional(),
  /** Absent where nothing stands before the load balancers. */
  door,
});

/** Settings that were checked: shapes, and that their parts fit each other. */
export type Settings = z.output<typeof shape>;

type Fault = [path: (string | number)[], message: string];

/** What must fit together. Each rule says which parts it needs, so that a fault elsewhere does not hide its own. */
interface Rule<Part extends keyof Settings> {
  needs: Part[];
  faults: (settings: Pick<Settings, Part>) => Fault[];
}
const rule = <Part extends keyof Settings>(
  needs: Part[],
  faults: Rule<Part>['faults'],
): Rule<keyof Settings> => ({
  needs,
  faults,
});

const rules = [
  rule(['upgrade'], ({ upgrade }) =>
    upgrade.from === upgrade.to ? [[['upgrade', 'to'], 'should be the other side than upgrade.from']] : [],
  ),
  rule(['roles', 'sides'], (settings) => sides.flatMap((each) => rolesOfSide(settings, each))),
  rule(['roles', 'zone'], ({ roles, zone }) =>
    Object.entries(roles).flatMap(([role, { hosts, open }]) => [
      ...(open.max < open.min ? [[['roles', role, 'open', 'max'], 'should not be below min'] as Fault] : []),
      ...hosts.flatMap((each, index): Fault[] =>
        each === zone.name || each.endsWith(`.${zone.name}`)
          ? []
          : [[['roles', role, 'hosts', index], `should be in the zone ${zone.name}`]],
      ),
    ]),
  ),
  rule(['roles'], ({ roles }) =>
    twice(
      'roles',
      'host',
      Object.values(roles).flatMap((role) => role.hosts),
    ),
  ),
  rule(['roles'], ({ roles }) => {
    const paying = Object.entries(roles).filter(([, { payments }]) => payments);
    return [
      ...(Object.keys(roles).length === 0 ? [[['roles'], 'should name at least one'] as Fault] : []),
      ...paying
        .slice(1)
        .map(
          ([role]): Fault => [
            ['roles', role, 'payments'],
            `should be false: only one environment may charge, and ${paying[0]![0]} does`,
          ],
        ),
    ];
  }),
  rule(['roles', 'smoke'], ({ roles, smoke }) =>
    (smoke?.checks ?? []).flatMap(({ role }, index): Fault[] =>
      roles[role] ? [] : [[['smoke', 'checks', index, 'role'], 'is no role; roles lists them']],
    ),
  ),
  rule(['ledgerTables'], ({ ledgerTables }) => twice('ledgerTables', 'table', ledgerTables)),
  rule(['variables'], ({ variables }) => twice('variables', 'variable', ownedVariables(variables))),
  rule(['sides'], (settings) => {
    const all = sides.flatMap((each) => Object.values(settings.sides[each].environments));
    return [
      ...twice(
        'sides',
        'environment',
        all.map((each) => each.name),
      ),
      ...twice(
        'sides',
        'instance role',
        all.map((each) => each.instanceRole),
      ),
      ...twice(
        'sides',
        'name of databases',
        sides.map((each) => settings.sides[each].databases),
      ),
    ];
  }),
  rule(['database'], ({ database: { writer, reader } }) => [
    ...(writer.user === reader.user
      ? [[['database', 'reader', 'user'], 'should not be the login that writes'] as Fault]
      : []),
    ...(writer.secret === reader.secret
      ? [[['database', 'reader', 'secret'], 'should not be that of the login that writes'] as Fault]
      : []),
  ]),
];

function rolesOfSide({ roles, ...settings }: Pick<Settings, 'roles' | 'sides'>, side: Side): Fault[] {
  const { environments } = settings.sides[side];
  const unknown = Object.keys(environments).filter((role) => !roles[role]);
  const lacking = Object.keys(roles).filter((role) => !environments[role]);
  return [
    ...unknown.map((role): Fault => [['sides', side, 'environments', role], 'is no role; roles lists them']),
    ...lacking.map((role): Fault => [['sides', side, 'environments'], `lacks the role ${role}`]),
  ];
}

function twice(path: string, what: string, names: string[]): Fault[] {
  const repeated = new Set(names.filter((each, index) => names.indexOf(each) !== index));
  return [...repeated].map((each) => [[path], `the ${what} ${each} appears twice`]);
}

function misfits(untrusted: unknown): Fault[] {
  if (typeof untrusted !== 'object' || untrusted === null) return [];
  return rules.flatMap(({ needs, faults }) => {
    const mask: { [part in keyof Settings]?: true } = Object.fromEntries(needs.map((part) => [part, true]));
    const given = Object.fromEntries(Object.entries(untrusted).filter(([key]) => key in mask));
    const part = shape.pick(mask).safeParse(given);
    return part.success ? faults(part.data as Settings) : [];
  });
}

/** The variable that tells which posture a process obeys. */
export const stampVariable = 'UPGRADE_POSTURE';

function ownedVariables(variables: Settings['variables']): string[] {
  return [
    stampVariable,
    ...(variables.maintenance ? [variables.maintenance.name] : []),
    ...(variables.email ? [variables.email.name] : []),
    ...Object.values(variables.database),
    ...variables.payments,
    ...variables.absent,
    ...Object.keys(variables.plain),
    ...variables.secrets,
  ];
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
