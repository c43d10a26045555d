import { bucketName, liveHosts, parameterNames, stackNames } from '../../names';
import type { NameRecord } from '../ports';
import { longestTtlSeconds } from '../side/records';
import { isComplete } from '../stacks/stack-status';
import { type Check, type Finding, finding, judged, type Survey } from './check';

/** Whoever asks has the account of the settings already, or there would be nobody to ask. */
export const credentials = (survey: Survey): Check => ({
  id: 'credentials',
  title: 'The credentials last as long as the night',
  look: async () => {
    const { ports, window } = survey;
    const end = await ports.credentials.end();
    const needed = new Date(ports.clock.now().getTime() + window.minutes * 60_000);
    const holds = end === undefined || (end !== 'unknown' && end >= needed);
    return [
      judged(holds, {
        what: `the credentials of ${ports.settings.account}`,
        observed: tellEnd(end),
        expected: `good for ${window.minutes} minutes from now`,
        next: 'Sign in anew before the night, best with a profile that renews itself (aws configure sso, AWS_PROFILE); of session variables AWS_CREDENTIAL_EXPIRATION tells the end.',
      }),
    ];
  },
});

function tellEnd(end: 'unknown' | Date | undefined): string {
  if (end === undefined) return 'do not end by themselves';
  return end === 'unknown' ? 'of a session whose end is not told' : `end at ${end.toISOString()}`;
}

export const posture = (survey: Survey): Check => ({
  id: 'posture',
  title: 'The old side is live and open',
  look: async () => {
    const { live, access } = (await survey.record()).posture;
    const { from } = survey.ports.settings.upgrade;
    return [
      finding(
        'the recorded posture',
        `${live}/${access}`,
        `${from}/open`,
        'Look at npm run status; which way the upgrade goes is upgrade.from and upgrade.to of the settings.',
      ),
    ];
  },
});

export const secrets = (survey: Survey): Check => ({
  id: 'secrets',
  title: 'Every secret that the settings name is there',
  look: async () => {
    const { settings, secrets: store } = survey.ports;
    const { variables, database, preparationDatabase } = settings;
    const names = parameterNames(settings);
    const wanted = [
      names.notSet,
      ...[
        database.writer.secret,
        preparationDatabase.secret,
        ...variables.payments,
        ...variables.secrets,
      ].map(names.secret),
    ];
    const each = [...new Set(wanted)].map(async (name) =>
      finding(
        name,
        (await store.exists(name)) ? 'there' : 'missing',
        'there',
        `Make it: aws ssm put-parameter --type SecureString --name ${name} --value ...`,
      ),
    );
    return Promise.all(each);
  },
});

/** Nothing that the tool does rests on one answer: whoever mends something by hand may want to know. */
export const answers = (survey: Survey): Check => ({
  id: 'answers',
  title: 'What AWS leaves open, as this account answered',
  look: async () => {
    const found = await survey.ports.record.readAnswers();
    const { askedAt = 'never asked (npm run preflight -- --probe)', ...each } = found ?? {};
    return [
      judged(true, { what: 'when it was asked', observed: askedAt, expected: 'told', next: '' }),
      ...Object.entries(each).map(([what, observed]) =>
        judged(true, { what, observed: String(observed), expected: 'told', next: '' }),
      ),
    ];
  },
});

/** Those without which nothing goes; the night itself makes the doors and the fence where they are missing. */
export const stacks = (survey: Survey): Check => ({
  id: 'stacks',
  title: 'Every stack is there and takes a change, and the CDK has its bucket',
  look: async () => {
    const { settings, stacks: store, buckets } = survey.ports;
    const names = stackNames(settings);
    const { from, to } = settings.upgrade;
    const needed = [names.operations, names.side(from), names.side(to), names.traffic];
    const each = [...needed, names.door, names.fence].map(async (name): Promise<Finding> => {
      const status = (await store.find(name))?.status ?? 'not there';
      const isEarly = status === 'not there' && !needed.includes(name);
      return judged(isComplete(status) || isEarly, {
        what: `the stack ${name}`,
        observed: status,
        expected: 'complete',
        next:
          status === 'not there'
            ? 'Deploy it: npm run prep, or npx cdk deploy --all.'
            : `Look why in CloudFormation, and mend it: npx cdk deploy ${name} --exclusively`,
      });
    });
    const assets = `cdk-hnb659fds-assets-${settings.account}-${settings.region}`;
    const bootstrap = `npx cdk bootstrap aws://${settings.account}/${settings.region}`;
    const bucket = async (name: string, next: string) =>
      finding(`the bucket ${name}`, (await buckets.exists(name)) ? 'there' : 'missing', 'there', next);
    return Promise.all([
      ...each,
      bucket(assets, bootstrap),
      bucket(bucketName(settings), `npx cdk deploy ${names.operations}`),
    ]);
  },
});

const addressing = new Set(['A', 'AAAA', 'CNAME']);

export const records = (survey: Survey): Check => ({
  id: 'records',
  title: 'No record of a live name is kept for longer than a minute',
  look: async () => {
    const { settings } = survey.ports;
    const hosts = liveHosts(settings);
    const all = (await survey.names()).filter(({ type }) => addressing.has(type));
    const live = hosts.map((host) =>
      ofHost(
        host,
        all.filter(({ name }) => name === host),
      ),
    );
    return [...live, ...strays(survey, all)];
  },
});

function ofHost(host: string, records: NameRecord[]): Finding {
  const kept = records.map(({ ttlSeconds = longestTtlSeconds }) => ttlSeconds);
  const longest = Math.max(...kept, 0);
  return judged(records.length > 0 && longest <= longestTtlSeconds, {
    what: host,
    observed: records.length === 0 ? 'no record' : records.map(told).join(' and '),
    expected: `an alias, or kept for ${longestTtlSeconds} seconds at most`,
    next: `Lower it some days before: npm run prep, or Route 53, ${host}, TTL ${longestTtlSeconds}.`,
  });
}

const told = ({ alias, type, ttlSeconds }: NameRecord) =>
  alias ? 'alias' : `${type}, kept for ${ttlSeconds} seconds`;

/** Other names that lead to an environment stay where they are: they are told, so that nobody is surprised. */
function strays({ ports: { settings } }: Survey, records: NameRecord[]): Finding[] {
  const own = new Set(liveHosts(settings));
  const { environments } = settings.sides[settings.upgrade.from];
  const names = Object.values(environments).map(({ name }) => name);
  return records
    .filter(({ name, target }) => !own.has(name) && names.some((each) => target.startsWith(`${each}.`)))
    .map(({ name, target }) =>
      judged(true, { what: name, observed: `leads to ${target}`, expected: 'told', next: '' }),
    );
}
