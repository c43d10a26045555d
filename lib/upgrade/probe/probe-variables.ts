import { parameterArn, parameterNames } from '../../names';
import { StepFailedError } from '../../runbook/errors';
import { onInstance } from '../on-instance';
import { poll } from '../poll';
import type { Environment, EnvironmentOption, OptionName, Ports } from '../ports';
import { firstInstance, readyEnvironment } from '../side/choose-instance';
import type { Answers } from './answers';

const plain = 'aws:elasticbeanstalk:application:environment';
const secrets = 'aws:elasticbeanstalk:application:environmentsecrets';
/** Whatever begins so is a probe's, and may be taken away. */
const prefix = 'UPGRADE_PROBE';
const twice = `${prefix}_TWICE`;
const secret = `${prefix}_SECRET`;
const byValue = 'by-value';

/**
 * Sets two variables of an environment that nobody uses, asks its process and a shell what they see, and takes them away.
 * What they refer to is the parameter whose value is `not-set`, which every role may read.
 */
export async function probeVariables(
  ports: Ports,
  name: string,
): Promise<Pick<Answers, 'duplicateVariableWins' | 'shellSeesSecrets'>> {
  await takeAway(ports, name);
  const reference = parameterArn(ports.settings, parameterNames(ports.settings).notSet);
  const options: EnvironmentOption[] = [
    { namespace: plain, name: twice, value: byValue },
    { namespace: secrets, name: twice, value: reference },
    { namespace: secrets, name: secret, value: reference },
  ];
  ports.progress(`${name}: setting ${twice} and ${secret}`);
  await ports.environments.update(name, options);
  try {
    const seen = await until(
      ports,
      name,
      'has the variables of the probe',
      ({ value }) => value !== 'absent',
    );
    return {
      duplicateVariableWins: seen.value === byValue ? 'environment' : 'environmentsecrets',
      shellSeesSecrets: seen.shell,
    };
  } finally {
    await takeAway(ports, name);
  }
}

/** Also what a probe left that was cut off. */
async function takeAway(ports: Ports, name: string): Promise<void> {
  const left = leftovers(await untilReady(ports, name));
  if (left.length === 0) return;
  ports.progress(`${name}: taking the variables of the probe away`);
  await ports.environments.update(name, [], left);
  await until(ports, name, 'has no variable of the probe any more', ({ value }) => value === 'absent');
}

function leftovers({ options }: Environment): OptionName[] {
  return [plain, secrets].flatMap((namespace) =>
    Object.keys(options)
      .filter((key) => key.startsWith(`${namespace}:${prefix}`))
      .map((key) => ({ namespace, name: key.slice(namespace.length + 1) })),
  );
}

const patience = { everyMs: 10_000, forMs: 30 * 60_000 };

const untilReady = (ports: Ports, name: string): Promise<Environment> =>
  poll(ports, { until: `${name} is Ready`, ...patience }, async () => {
    const found = await readyEnvironment(ports, name, ['Ready', 'Updating']);
    return found.status === 'Ready' ? found : undefined;
  });

interface Seen {
  value: string;
  shell: boolean;
}

/** Ready alone says little: it may be that of before the update. */
const until = (ports: Ports, name: string, what: string, isSo: (seen: Seen) => boolean): Promise<Seen> =>
  poll(ports, { until: `${name} ${what}`, ...patience }, async () => {
    const seen = await look(ports, await untilReady(ports, name));
    return isSo(seen) ? seen : undefined;
  });

async function look(ports: Ports, environment: Environment): Promise<Seen> {
  const instance = firstInstance(environment, ports.settings.upgrade.to);
  const { host } = ports.settings.variables.database;
  const lines = await onInstance(ports, instance, 'probe-variables', [host, twice, secret]);
  const [, value] = /^process (\S+)$/.exec(lines[0] ?? '') ?? [];
  const [, shell] = /^shell (seen|unseen)$/.exec(lines[1] ?? '') ?? [];
  if (value && shell) return { value, shell: shell === 'seen' };
  throw new StepFailedError('OBSERVATION_UNREADABLE', {
    so: `The instance ${instance} was asked for the variables of a probe and answered "${lines.join(' / ')}".`,
    changed: `The variables ${twice} and ${secret} of ${environment.name} may be set.`,
    next: 'Run npm run preflight -- --probe again, which takes them away.',
  });
}
