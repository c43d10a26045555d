import { stampVariable } from './names';
import type { Settings, Side } from './settings';

export type Fault = [path: (string | number)[], message: string];

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

const sidesOf = (settings: Pick<Settings, 'sides'>) => Object.keys(settings.sides) as Side[];

/** Each is asked with what it needs, as far as that was understood. */
export const rules = [
  rule(['upgrade'], ({ upgrade }) =>
    upgrade.from === upgrade.to ? [[['upgrade', 'to'], 'should be the other side than upgrade.from']] : [],
  ),
  rule(['roles', 'sides'], (settings) => sidesOf(settings).flatMap((each) => rolesOfSide(settings, each))),
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
  rule(['variables', 'sync'], ({ variables, sync }) =>
    sync && ownedVariables(variables).includes(sync.variable.name)
      ? [
          [
            ['sync', 'variable', 'name'],
            `should have no other owner than sync: ${sync.variable.name} is in variables`,
          ],
        ]
      : [],
  ),
  rule(['sides'], (settings) => {
    const all = sidesOf(settings).flatMap((each) => Object.values(settings.sides[each].environments));
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
        sidesOf(settings).map((each) => settings.sides[each].databases),
      ),
    ];
  }),
  rule(
    ['testSystem', 'sides', 'roles', 'zone', 'database', 'preparationDatabase', 'variables'],
    ({ testSystem, ...production }) => (testSystem ? ofProduction(testSystem, production) : []),
  ),
  rule(['database'], ({ database: { writer, reader } }) => [
    ...(writer.user === reader.user
      ? [[['database', 'reader', 'user'], 'should not be the login that writes'] as Fault]
      : []),
    ...(writer.secret === reader.secret
      ? [[['database', 'reader', 'secret'], 'should not be that of the login that writes'] as Fault]
      : []),
  ]),
];

type Production = Pick<
  Settings,
  'sides' | 'roles' | 'zone' | 'database' | 'preparationDatabase' | 'variables'
>;

/** What a test system must not share with production: whoever sets it up would change or mail real people. */
function ofProduction(testSystem: NonNullable<Settings['testSystem']>, production: Production): Fault[] {
  const { zone, database, preparationDatabase, variables } = production;
  const environments = sidesOf(production).flatMap((side) =>
    Object.values(production.sides[side].environments),
  );
  const preparation = preparationDatabase.host.split('.')[0]!;
  const taken: [path: string[], value: string, owners: string[]][] = [
    [['environment', 'name'], testSystem.environment.name, environments.map(({ name }) => name)],
    [
      ['environment', 'instanceRole'],
      testSystem.environment.instanceRole,
      environments.map(({ instanceRole }) => instanceRole),
    ],
    [['host'], testSystem.host, Object.values(production.roles).flatMap(({ hosts }) => hosts)],
    [
      ['databases'],
      testSystem.databases,
      [...sidesOf(production).map((side) => production.sides[side].databases), preparation],
    ],
    [
      ['secret'],
      testSystem.secret,
      [
        database.writer.secret,
        database.reader.secret,
        preparationDatabase.secret,
        ...variables.payments,
        ...variables.secrets,
      ],
    ],
  ];
  return [
    ...taken.flatMap(([path, value, owners]): Fault[] =>
      owners.includes(value) ? [[['testSystem', ...path], `should not be production's: ${value}`]] : [],
    ),
    ...(testSystem.host.endsWith(`.${zone.name}`)
      ? []
      : [[['testSystem', 'host'], `should be in the zone ${zone.name}`] as Fault]),
  ];
}

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
