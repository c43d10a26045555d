import { parameterNames, stampVariable } from '../../names';
import { StepFailedError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import { poll } from '../poll';
import type { EnvironmentOption, Ports } from '../ports';
import { restInstances, wakeInstances } from '../side/instance-jobs';
import { sameSecretsEvidence } from './keep-secrets';
import { type Live, lookAtLive, lookWhenSettled, type Made, profileOf, requireSame } from './look';

const launch = 'aws:autoscaling:launchconfiguration';

export const madeNamed = ({ made }: Live, name: string) =>
  made.find(({ declared }) => declared.name === name);

/** The profile that an environment is to have of its own; undefined where it keeps what it has. */
function ownProfile({ settings }: Ports, { declared, environment }: Made): string | undefined {
  const { instanceRole, ownRole } = settings.sides[settings.upgrade.from].environments[declared.role]!;
  return ownRole && profileOf(environment) !== instanceRole ? instanceRole : undefined;
}

/** The stamp comes with the first update through CloudFormation. */
const toSet = ({ sealable }: Made): EnvironmentOption[] =>
  sealable.toSet.filter(({ name }) => name !== stampVariable);

/** Whether an environment takes its secrets from parameters, has no plain copies, and its processes obey the same. */
export async function sealedEvidence(ports: Ports, name: string): Promise<Evidence[]> {
  const one = madeNamed(await lookAtLive(ports), name);
  if (!one) return [fact(name, 'does not exist', 'Ready')];
  const { environment, sealable } = one;
  const left = [...toSet(one), ...sealable.toRemove].map((option) => option.name);
  const settled = [
    fact(`the status of ${name}`, environment.status, 'Ready'),
    fact(`plain secrets of ${name}`, [...new Set(left)].join(', ') || 'none', 'none'),
    fact(
      `the instance profile of ${name}`,
      profileOf(environment),
      ownProfile(ports, one) ?? profileOf(environment),
    ),
  ];
  if (settled.some(({ holds }) => !holds)) return settled;
  return [...settled, ...(await sameSecretsEvidence(ports, environment, secretsOf(ports, one)))];
}

/** The parameters that an environment's processes get, but for those that hold nothing. */
function secretsOf({ settings }: Ports, { declared, environment }: Made): Record<string, string> {
  const { notSet, secret } = parameterNames(settings);
  const namespace = 'aws:elasticbeanstalk:application:environmentsecrets';
  const shared = settings.variables.secrets
    .filter((name) => environment.options[`${namespace}:${name}`] !== undefined)
    .map((name) => [name, secret(name)] as const);
  const owned = Object.entries(declared.secrets).filter(([, parameter]) => parameter !== notSet);
  return Object.fromEntries([...shared, ...owned]);
}

/**
 * Lets the references take the place of the plain copies in one update, so that no process is ever without a secret and
 * none has both. It restarts the application; another instance profile replaces the instances.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.secrets.env-vars.html
 * @throws PreconditionError WORLD_DIFFERS
 * @throws StepFailedError SECRETS_NOT_THE_SAME, SEALING_FAILED
 */
export async function seal(ports: Ports, name: string): Promise<void> {
  const live = await lookWhenSettled(ports);
  requireSame(live);
  const one = madeNamed(live, name)!;
  const { environment, sealable } = one;
  const profile = ownProfile(ports, one);
  // A role that goes need not be able to read them: what it copied was compared while it could.
  if (!profile) requireSameSecrets(await sameSecretsEvidence(ports, environment, sealable.toKeep));
  const options = [
    ...toSet(one),
    ...(profile ? [{ namespace: launch, name: 'IamInstanceProfile', value: profile }] : []),
  ];
  const again = 'npm run adopt -- --seal';
  // An instance that goes takes its commands along, and a sender that is killed sends its batch again.
  if (profile)
    await restInstances(ports, [...environment.instances], {
      name,
      changed: 'Cron was told to stop on its instances.',
      again,
    });
  ports.progress(
    `${name}: ${options.length} references in the place of ${sealable.toRemove.length} plain secrets`,
  );
  if (options.length + sealable.toRemove.length > 0)
    await ports.environments.update(name, options, sealable.toRemove);
  await poll(ports, { until: `${name} is Ready`, everyMs: 10_000, forMs: 60 * 60_000 }, async () => {
    const found = await ports.environments.state(name);
    return found && found.status !== 'Updating' ? true : undefined;
  });
  // New instances have theirs; where none was made, those that stayed get it back.
  if (profile)
    await wakeInstances(ports, [...((await ports.environments.state(name))?.instances ?? [])], again);
  const now = madeNamed(await lookAtLive(ports), name);
  if (now && toSet(now).length === 0 && !ownProfile(ports, now)) return;
  throw new StepFailedError('SEALING_FAILED', {
    so: `The update of ${name} did not take: its secrets are as they were.`,
    changed: 'Its processes were restarted, or its instances replaced, with the old values.',
    next: `Look at what it says (aws elasticbeanstalk describe-events --environment-name ${name} --severity ERROR), then run the same command again.`,
  });
}

function requireSameSecrets(evidence: Evidence[]): void {
  const wrong = evidence.filter(({ holds }) => !holds);
  if (wrong.length === 0) return;
  throw new StepFailedError('SECRETS_NOT_THE_SAME', {
    so: `${wrong.map(({ what, observed }) => `${what}: ${observed}`).join('; ')}.`,
    changed: 'The environment was not changed.',
    next: 'Let its role read those parameters, or delete those that differ; then run the same command again.',
  });
}
