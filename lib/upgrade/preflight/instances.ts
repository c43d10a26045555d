import { parameterNames } from '../../names';
import { databaseOf } from '../../record';
import { UpgradeError } from '../../runbook/errors';
import type { Settings, Side } from '../../settings';
import { neededMib } from '../database/manage';
import { counts, loginArguments, onInstance } from '../on-instance';
import { type Check, type Finding, finding, judged, type PlacedEnvironment, type Survey } from './check';

/** What the role of an environment's instances must and must not read, by parameter. */
function expectedAnswers(settings: Settings, live: Side, { side, role }: Place): Map<string, string[]> {
  const { variables, database } = settings;
  const names = parameterNames(settings);
  const isArmed = side === live && settings.roles[role]!.payments;
  const answers = (secrets: string[], wanted: string[]): [string, string[]][] =>
    secrets.map((secret) => [names.secret(secret), wanted]);
  return new Map([
    [names.notSet, ['readable']],
    ...answers([...variables.secrets, database.writer.secret], ['readable']),
    // The night makes it if nobody did before.
    ...answers([database.reader.secret], ['readable', 'missing']),
    ...answers(variables.payments, [isArmed ? 'readable' : 'refused']),
  ]);
}

type Place = Pick<PlacedEnvironment, 'side' | 'role' | 'name'>;

/** Whether every instance of both sides can do what the night asks of it. Each is asked with one command. */
export const instances = (survey: Survey): Check => ({
  id: 'instances',
  title: 'Every instance is reached by Run Command, and reaches the live database and its secrets',
  look: async () => {
    const { posture, databases } = await survey.record();
    const live = databaseOf({ posture, databases }, posture.live);
    if (!live?.endpoint) return [];
    const asked = (await survey.existing()).flatMap(({ found, ...place }) =>
      [...found.instances]
        .sort()
        .map((instance) => ofInstance(survey, { ...place, instance }, posture.live, live.endpoint!)),
    );
    return (await Promise.all(asked)).flat();
  },
});

async function ofInstance(
  { ports }: Survey,
  place: Place & { instance: string },
  live: Side,
  endpoint: string,
): Promise<Finding[]> {
  const { settings } = ports;
  const { instance, name } = place;
  const where = `${instance} of ${name}`;
  const expected = expectedAnswers(settings, live, place);
  // What the new side's instances print in a night is long; those of the old side may have no right to the bucket.
  const length = place.side === settings.upgrade.to ? 'at-length' : 'briefly';
  const login = loginArguments(settings, endpoint, 'writer');
  try {
    const lines = await onInstance(ports, instance, 'look-ahead', [...login, length, ...expected.keys()]);
    return [
      ofAnswer(where, lines),
      ofDisk(where, lines),
      ofDatabase(where, endpoint, lines),
      ofSecrets(where, expected, lines),
    ];
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    return [finding(where, error.text.so, 'answers', error.text.next)];
  }
}

const ofAnswer = (where: string, lines: string[]) =>
  finding(
    `what ${where} prints`,
    lines.at(-1) === 'end' ? 'whole' : 'cut',
    'whole',
    'Look at the command in Systems Manager, Run Command, and whether its role may write to the operations bucket.',
  );

const ofDisk = (where: string, lines: string[]) => {
  const { free = 0 } = counts(lines);
  return judged(free >= neededMib, {
    what: `free disk on ${where}`,
    observed: `${free} MiB`,
    expected: `${neededMib} MiB or more`,
    next: 'Remove what fills it (eb ssh), or terminate the instance and let a new one start.',
  });
};

/** The exit codes of lib/on-instance/prelude.sh that a connection may end with. */
const connections: Record<string, [observed: string, next: string]> = {
  0: ['answers', ''],
  60: [
    'its password cannot be read',
    'Let the role read the parameter of the login that writes: npx cdk deploy --all.',
  ],
  61: [
    'it refuses the password',
    "Put the database's password into its secret parameter (aws ssm put-parameter --overwrite).",
  ],
  62: [
    'it is not reached, or psql is missing',
    "Compare the database's security group with that of the instances; on the instance: psql --version.",
  ],
  63: ['it has no database of that name', 'Set database.name in the settings.'],
};

const ofDatabase = (where: string, endpoint: string, lines: string[]) => {
  const { database = -1 } = counts(lines);
  const [observed, next] = connections[database] ?? [
    `psql exits with ${database}`,
    'Install the client of PostgreSQL on the instance: psql --version says whether it is there.',
  ];
  return finding(`${endpoint} from ${where}`, observed, 'answers', next);
};

function ofSecrets(where: string, expected: Map<string, string[]>, lines: string[]): Finding {
  const answers = new Map(
    lines.flatMap((line) => {
      const [, answer, name] = /^(readable|refused|missing|unknown) (\S+)$/.exec(line) ?? [];
      return answer && name ? [[name, answer] as const] : [];
    }),
  );
  const wrong = [...expected].flatMap(([name, wanted]) => {
    const answer = answers.get(name) ?? 'not asked';
    return wanted.includes(answer) ? [] : [`${name} is ${answer}, not ${wanted[0]}`];
  });
  return finding(
    `the secrets from ${where}`,
    wrong.join('; ') || 'as they should be',
    'as they should be',
    wrong.some((each) => each.endsWith('not refused'))
      ? 'Deny them to roles that may not charge: npx cdk deploy --all.'
      : 'Make what is missing (aws ssm put-parameter --type SecureString), and let the role read it: npx cdk deploy --all.',
  );
}

/** How much of its storage the live database may use: what is made from it grows while it is migrated. */
const usedAtMost = 0.8;

/** How much the rows take is asked on one instance; logs and temporary files of the server are not in it. */
export const storage = (survey: Survey): Check => ({
  id: 'storage',
  title: 'The storage of the live database has room left',
  look: async () => {
    const { ports } = survey;
    const record = await survey.record();
    const live = databaseOf(record, record.posture.live);
    const found = live && (await ports.databases.find(live.id));
    const [instance] = (await survey.existing()).flatMap((each) => [...each.found.instances].sort());
    if (!live?.endpoint || !found || !instance) return [];
    const login = loginArguments(ports.settings, live.endpoint, 'writer');
    const { bytes } = counts(await onInstance(ports, instance, 'look-ahead', [...login, 'briefly']));
    const { storageGib } = found.attributes;
    const usedGib = bytes === undefined ? undefined : bytes / 2 ** 30;
    return [
      judged(usedGib !== undefined && usedGib <= storageGib * usedAtMost, {
        what: `the rows of ${live.id}`,
        observed: usedGib === undefined ? 'not told' : `${usedGib.toFixed(1)} of ${storageGib} GiB`,
        expected: `${usedAtMost * 100} % or less`,
        next: `Enlarge it some days before: aws rds modify-db-instance --db-instance-identifier ${live.id} --allocated-storage GIB --apply-immediately`,
      }),
    ];
  },
});
