import { commandOutputsArn, parameterArn, parameterNames, stackNames } from '../../names';
import { PreconditionError, StepFailedError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Settings } from '../../settings';
import { listed, onInstance } from '../on-instance';
import { poll } from '../poll';
import type { Environment, Ports } from '../ports';
import { firstInstance } from '../side/choose-instance';
import { changeStack, isAdded, isChangedInPlace, removeStack } from './change-stack';
import { type Live, type Made, requireSame } from './look';

/**
 * The secrets of hand-made environments become parameters: each instance copies what its processes were given, with its
 * own role, which may write parameters for just that long.
 */

const unsealed = ({ made }: Pick<Live, 'made'>): Made[] =>
  made.filter(({ sealable }) => Object.keys(sealable.toKeep).length > 0);

/** Whether every secret that the environments still have as a plain value is a parameter. */
export async function keptEvidence(ports: Ports, live: Live): Promise<Evidence[]> {
  const { notSet } = parameterNames(ports.settings);
  const wanted = new Set([
    notSet,
    ...unsealed(live).flatMap(({ sealable }) => Object.values(sealable.toKeep)),
  ]);
  const grant = (await ports.stacks.find(stackNames(ports.settings).adoption)) ? 'there' : 'gone';
  const each = [...wanted].map(async (name) =>
    fact(`the secret ${name}`, (await ports.secrets.exists(name)) ? 'there' : 'missing', 'there'),
  );
  return [...(await Promise.all(each)), fact('the right of instances to write parameters', grant, 'gone')];
}

/**
 * @throws PreconditionError SECRETS_DIFFER when two environments have different values for one parameter.
 * @throws StepFailedError SECRETS_NOT_KEPT
 */
export async function keepSecrets(ports: Ports, live: Live): Promise<void> {
  requireSame(live);
  const { settings } = ports;
  const { notSet } = parameterNames(settings);
  if (!(await ports.secrets.exists(notSet))) await ports.secrets.create(notSet, 'not-set');
  const left = await uncopied(ports, unsealed(live));
  if (left.length > 0) {
    await grant(ports, left);
    // Those that take payments first: where two environments differ, theirs counts.
    for (const one of [...left].reverse()) await untilKept(ports, one);
  }
  await removeStack(ports, stackNames(settings).adoption);
}

/** Those whose secrets are not known to be parameters yet: whoever is asked needs no new right for that. */
async function uncopied(ports: Ports, made: Made[]): Promise<Made[]> {
  const evidence = await Promise.all(
    made.map(({ environment, sealable }) => sameSecretsEvidence(ports, environment, sealable.toKeep)),
  );
  return made.filter((_, index) => evidence[index]!.some(({ holds }) => !holds));
}

/** IAM tells of a new right a little later. */
async function untilKept(ports: Ports, one: Made): Promise<void> {
  const { environment, sealable, declared } = one;
  const instance = firstInstance(environment, ports.settings.upgrade.from);
  const until = `the secrets of ${declared.name} are parameters`;
  await poll(ports, { until, everyMs: 5_000, forMs: 5 * 60_000 }, async () => {
    ports.progress(`${instance}: keeping ${Object.keys(sealable.toKeep).join(', ')}`);
    const answer = await ask(ports, 'keep', instance, sealable.toKeep);
    requireNoOther(answer, declared.name, sealable.toKeep);
    return answer.failed.length === 0 ? true : undefined;
  });
}

/** Whether every instance's processes obey the same values as the parameters hold, asked of the instances. */
export async function sameSecretsEvidence(
  ports: Ports,
  environment: Environment,
  toKeep: Record<string, string>,
): Promise<Evidence[]> {
  if (Object.keys(toKeep).length === 0) return [];
  return Promise.all(
    [...environment.instances].sort().map(async (instance) => {
      const { other, failed } = await ask(ports, 'compare', instance, toKeep);
      const observed = [...other.map((name) => `${name} differs`), ...failed].join(', ') || 'the same';
      return fact(`secrets of the processes on ${instance} and their parameters`, observed, 'the same');
    }),
  );
}

interface Answer {
  other: string[];
  failed: string[];
}

async function ask(
  ports: Ports,
  act: 'keep' | 'compare',
  instance: string,
  toKeep: Record<string, string>,
): Promise<Answer> {
  const { region, variables } = ports.settings;
  const lines = await onInstance(ports, instance, 'keep-secrets', [
    act,
    region,
    variables.database.host,
    ...Object.entries(toKeep).flat(),
  ]);
  const named = (word: string) => listed(lines, word);
  const failed = ['lacking', 'missing', 'unreadable', 'unwritable'].flatMap((word) =>
    named(word).map((name) => `${name} is ${word}`),
  );
  const answered = [...named('same'), ...named('kept'), ...named('other')].length + failed.length;
  if (answered !== Object.keys(toKeep).length)
    throw new StepFailedError('SECRETS_NOT_KEPT', {
      so: `${instance} told of ${answered} of ${Object.keys(toKeep).length} secrets.`,
      changed: 'Parameters that it made stay.',
      next: 'Run the same command again.',
    });
  return { other: named('other'), failed };
}

function requireNoOther({ other }: Answer, environment: string, toKeep: Record<string, string>): void {
  if (other.length === 0) return;
  throw new PreconditionError('SECRETS_DIFFER', {
    so: `${environment} has another value than the parameter for ${other.map((name) => `${name} (${toKeep[name]})`).join(', ')}.`,
    changed: 'No parameter was overwritten, and no environment changed.',
    next: 'Find out which value is right; give both environments that one, or delete the parameter; then run the same command again.',
  });
}

/**
 * For the roles that the instances have now, and for the time of the copying alone. A role that stays must be able to
 * read the parameters by itself.
 */
async function grant(ports: Ports, made: Made[]): Promise<void> {
  const { settings } = ports;
  const goes = (role: string) => made.every((one) => one.instanceRole !== role || isToGo(settings, one));
  const roles = [...new Set(made.map(({ instanceRole }) => instanceRole))];
  const template = {
    Description: 'What instances may do while their secrets are copied into parameters.',
    Resources: Object.fromEntries(
      roles.map((role, index) => [`Grant${index + 1}`, mayWrite(settings, role, goes(role))]),
    ),
  };
  await changeStack(ports, {
    stack: stackNames(settings).adoption,
    template,
    wanted: (change) => isAdded(change) || isChangedInPlace(change),
    temporary: true,
  });
}

const isToGo = (settings: Settings, { declared }: Made) =>
  settings.sides[settings.upgrade.from].environments[declared.role]!.ownRole === true;

const mayWrite = (settings: Settings, RoleName: string, mayRead: boolean) => ({
  Type: 'AWS::IAM::RolePolicy',
  Properties: {
    RoleName,
    PolicyName: 'upgrade-adoption',
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['ssm:PutParameter', ...(mayRead ? ['ssm:GetParameter'] : [])],
          Resource: parameterArn(settings, parameterNames(settings).secret('*')),
        },
        {
          Effect: 'Allow',
          Action: 's3:PutObject',
          Resource: commandOutputsArn(settings),
        },
      ],
    },
  },
});
