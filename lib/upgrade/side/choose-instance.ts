import { PreconditionError, UpgradeError } from '../../runbook/errors';
import { otherSide, type Settings, type Side } from '../../settings';
import type { Environment, EnvironmentState, Ports } from '../ports';

/** The environments of a side, those that take payments first. */
export function environmentNames(settings: Settings, side: Side): string[] {
  const environments = Object.entries(settings.sides[side].environments);
  const takesPayments = (role: string) => settings.roles[role]?.payments ?? false;
  return environments
    .sort(([a], [b]) => Number(takesPayments(b)) - Number(takesPayments(a)))
    .map(([, { name }]) => name);
}

/**
 * An environment that can be worked with.
 * @param fit AWS's words for the states in which it can
 * @throws PreconditionError ENVIRONMENT_MISSING or ENVIRONMENT_NOT_READY
 */
export async function readyEnvironment(
  ports: Ports,
  name: string,
  fit: string[] = ['Ready'],
): Promise<Environment> {
  return fitting(ports, name, await ports.environments.find(name), fit);
}

function fitting<Found extends EnvironmentState>(
  ports: Ports,
  name: string,
  environment: Found | undefined,
  fit: string[],
): Found {
  if (!environment)
    throw new PreconditionError('ENVIRONMENT_MISSING', {
      so: `There is no environment ${name} in the application ${ports.settings.application}.`,
      next: 'Deploy its side: npx cdk deploy --all.',
    });
  if (!fit.includes(environment.status))
    throw new PreconditionError('ENVIRONMENT_NOT_READY', {
      so: `The environment ${name} (${environment.id}) is ${environment.status}, not Ready.`,
      next: 'Wait until npm run status says that it is Ready, and run the same command again.',
    });
  return environment;
}

/** Every environment of a side, ready, or otherwise fit. */
export async function readyEnvironments(ports: Ports, side: Side, fit?: string[]): Promise<Environment[]> {
  const names = environmentNames(ports.settings, side);
  return Promise.all(names.map((name) => readyEnvironment(ports, name, fit)));
}

/** An update of variables leaves the instances where they are, and what runs there beside the application. */
export const hasItsInstances = ['Ready', 'Updating'];

/**
 * One instance of a side to work on: of the environment that takes payments, and the same one each time.
 * @throws PreconditionError NO_INSTANCE
 */
export async function chooseInstance(ports: Ports, side: Side): Promise<string> {
  const [name] = environmentNames(ports.settings, side);
  const environment = fitting(ports, name!, await ports.environments.state(name!), hasItsInstances);
  return firstInstance(environment, side);
}

/** @throws PreconditionError NO_INSTANCE */
export function firstInstance({ name, instances }: EnvironmentState, side: Side): string {
  const [instance] = [...instances].sort();
  if (!instance)
    throw new PreconditionError('NO_INSTANCE', {
      so: `The environment ${name} has no running instance.`,
      next: `Let its group launch one (npm run jobs -- replace --side ${side}), and run the same command again.`,
    });
  return instance;
}

/** An instance that cannot be worked with now is no reason not to ask a database that the other side reaches too. */
const elsewhere = new Set(['NO_INSTANCE', 'ENVIRONMENT_NOT_READY', 'ENVIRONMENT_MISSING']);

/** One instance to ask a side's database from: its own, or else one of the other side. */
export async function instanceNear(ports: Ports, side: Side): Promise<string> {
  try {
    return await chooseInstance(ports, side);
  } catch (error) {
    if (!(error instanceof UpgradeError) || !elsewhere.has(error.code)) throw error;
    // If that side has none either, the first fault is the one to mend.
    return chooseInstance(ports, otherSide(side)).catch(() => {
      throw error;
    });
  }
}
