import { liveHosts, parameterArn, parameterNames } from '../../names';
import type { TestSystemRecord } from '../../record';
import { PreconditionError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Settings } from '../../settings';
import { listed, onInstance, type Target } from '../on-instance';
import type { Environment, EnvironmentOption, OptionName, Ports } from '../ports';
import { type ObservedProcess, parseObservation } from '../side/observation';

export type TestSystemSettings = NonNullable<Settings['testSystem']>;

/** What is done to the test system's environment, and the proof that it is none of production's. */

const variablesNamespace = 'aws:elasticbeanstalk:application:environment';
const secretsNamespace = 'aws:elasticbeanstalk:application:environmentsecrets';
const command = 'npm run test-system';

/** @throws PreconditionError NO_TEST_SYSTEM */
export function testSystemOf({ settings }: Ports): TestSystemSettings {
  if (settings.testSystem) return settings.testSystem;
  throw new PreconditionError('NO_TEST_SYSTEM', {
    so: 'The settings have no section testSystem.',
    next: 'Add it: config/cobalt.yaml explains it.',
  });
}

/** @throws PreconditionError ENVIRONMENT_MISSING, ENVIRONMENT_NOT_READY or NO_INSTANCE */
export async function testEnvironment(ports: Ports): Promise<Environment & { instance: string }> {
  const { name } = testSystemOf(ports).environment;
  const found = await ports.environments.find(name);
  if (!found)
    throw new PreconditionError('ENVIRONMENT_MISSING', {
      so: `There is no environment ${name} in the application ${ports.settings.application}.`,
      next: `Make it in Elastic Beanstalk, on a database of its own, or name the right one at testSystem.environment; then run ${command} again.`,
    });
  const [instance] = [...found.instances].sort();
  if (found.status !== 'Ready')
    throw new PreconditionError('ENVIRONMENT_NOT_READY', {
      so: `The environment ${name} (${found.id}) is ${found.status}, not Ready.`,
      next: `Wait until it is Ready, and run ${command} again.`,
    });
  if (!instance)
    throw new PreconditionError('NO_INSTANCE', {
      so: `The environment ${name} has no running instance.`,
      next: `Let it launch one, and run ${command} again.`,
    });
  return { ...found, instance };
}

/**
 * Whether the environment is none of production's: no live name leads to it, it knows itself by another host, its
 * database is none of production's, and its role cannot read what opens production's payments and databases.
 */
async function apartEvidence(ports: Ports): Promise<Evidence[]> {
  const { settings } = ports;
  const { host, hostVariable, environment: stated } = testSystemOf(ports);
  const found = await testEnvironment(ports);
  const where = found.name;
  const profile = found.options['aws:autoscaling:launchconfiguration:IamInstanceProfile'] ?? 'none';
  const processes = await processesOf(ports, found);
  const hosts = [...new Set(processes.map(({ variables }) => variables[hostVariable] ?? 'absent'))];
  return [
    ...(await namesEvidence(ports, found)),
    fact(`the role of ${where}`, profile.split('/').at(-1)!, stated.instanceRole),
    fact(`whether the application of ${where} runs`, processes.length > 0 ? 'yes' : 'no', 'yes'),
    fact(`${hostVariable} of ${where}`, hosts.join(' and ') || 'not known', host),
    ...(await databaseEvidence(ports, found, processes)),
    ...(await secretsEvidence(ports, found)),
    fact(`payment secrets of production set on ${where}`, paymentsSet(settings, found), 'none'),
  ];
}

/** @throws PreconditionError TEST_SYSTEM_IS_PRODUCTION before anything is done to it. */
export async function requireApart(ports: Ports): Promise<Evidence[]> {
  const evidence = await apartEvidence(ports);
  const wrong = evidence.filter(({ holds }) => !holds);
  if (wrong.length === 0) return evidence;
  throw new PreconditionError('TEST_SYSTEM_IS_PRODUCTION', {
    so: `The test system has something in common with production: ${wrong.map(({ what, observed, expected }) => `${what} is ${observed}, not ${expected}`).join('; ')}.`,
    next: `Separate them (docs/test-system.md says how), and run ${command} again.`,
  });
}

async function namesEvidence(ports: Ports, { name, cname }: Environment): Promise<Evidence[]> {
  const own = await ports.outside.resolve(cname);
  return Promise.all(
    liveHosts(ports.settings).map(async (host) => {
      const shared = (await ports.outside.resolve(host)).filter((address) => own.includes(address));
      return fact(`addresses that ${host} and ${name} share`, shared.join(', ') || 'none', 'none');
    }),
  );
}

async function databaseEvidence(ports: Ports, { name, options }: Environment, processes: ObservedProcess[]) {
  const { preparationDatabase, variables } = ports.settings;
  const { databases } = await ports.record.recorded();
  const ofProduction = new Map([
    ...databases.flatMap(({ id, endpoint }) => (endpoint ? [[endpoint, id] as const] : [])),
    [preparationDatabase.host, 'the database for preparation'],
  ]);
  const used = new Set([
    options[`${variablesNamespace}:${variables.database.host}`],
    ...processes.map((process) => process.variables[variables.database.host]),
  ]);
  const shared = [...used].flatMap((endpoint) => ofProduction.get(endpoint ?? '') ?? []);
  return [fact(`databases of production that ${name} uses`, shared.join(', ') || 'none', 'none')];
}

/** Asked of its instance, as its role. */
async function secretsEvidence(ports: Ports, { instance, name }: Environment & { instance: string }) {
  const { settings } = ports;
  const { writer, reader } = settings.database;
  const secrets = [...settings.variables.payments, writer.secret, reader.secret].map(
    parameterNames(settings).secret,
  );
  const tried = await onInstance(ports, instance, 'try-parameters', [settings.region, ...secrets]);
  const readable = listed(tried, 'readable').concat(listed(tried, 'unknown'));
  return [fact(`secrets of production that ${name} can read`, readable.join(', ') || 'none', 'none')];
}

function paymentsSet(settings: Settings, { options }: Environment): string {
  const arns = settings.variables.payments.map((each) =>
    parameterArn(settings, parameterNames(settings).secret(each)),
  );
  const set = Object.entries(options).filter(
    ([key, value]) => key.startsWith(`${secretsNamespace}:`) && arns.includes(value),
  );
  return set.map(([key]) => key.slice(secretsNamespace.length + 1)).join(', ') || 'none';
}

/** What each process of every instance was started with, as far as it is no secret. */
async function processesOf(ports: Ports, { instances }: Environment): Promise<ObservedProcess[]> {
  const { hostVariable } = testSystemOf(ports);
  const { variables, sync } = ports.settings;
  const { host, name, user } = variables.database;
  const asked = [host, name, user, hostVariable, ...(variables.email ? [variables.email.name] : [])];
  const args = [
    host,
    ...[...asked, ...(sync ? [sync.variable.name] : [])].flatMap((each) => ['variable', each]),
  ];
  const observed = await Promise.all(
    [...instances]
      .sort()
      .map(async (instance) =>
        parseObservation(instance, await onInstance(ports, instance, 'observe', args)),
      ),
  );
  return observed.flatMap(({ processes }) => processes);
}

/** S1: the latest code. */
export async function versionEvidence(ports: Ports): Promise<Evidence[]> {
  const { versionLabel } = testSystemOf(ports);
  const found = await testEnvironment(ports);
  return [fact(`the version on ${found.name}`, found.versionLabel, versionLabel)];
}

export async function deployVersion(ports: Ports): Promise<void> {
  await requireApart(ports);
  const { environment, versionLabel } = testSystemOf(ports);
  await ports.environments.deployVersion(environment.name, versionLabel);
}

/** What the test system's processes must be given: S2, and where its database is once there is one. */
function wantedVariables({ settings }: Ports, inUse: TestSystemRecord | undefined): Record<string, string> {
  const { variables, sync, database } = settings;
  return {
    // What it composes must reach nobody.
    ...(variables.email ? { [variables.email.name]: variables.email.off } : {}),
    ...(sync ? { [sync.variable.name]: sync.variable.on } : {}),
    ...(inUse
      ? {
          [variables.database.host]: inUse.endpoint!,
          [variables.database.name]: database.name,
          [variables.database.user]: database.writer.user,
        }
      : {}),
  };
}

/** Whether every process was given them. */
export async function variablesEvidence(ports: Ports, inUse?: TestSystemRecord): Promise<Evidence[]> {
  const found = await testEnvironment(ports);
  const processes = await processesOf(ports, found);
  const wanted = Object.entries(wantedVariables(ports, inUse));
  return wanted.map(([name, value]) => {
    const held = new Set(processes.map(({ variables }) => variables[name] ?? 'absent'));
    const what = `${name} in the ${processes.length} processes of ${found.name}`;
    return fact(what, [...held].join(' and ') || 'not known', value);
  });
}

/** Sets them; its processes start anew. The password is a reference, and no longer also a plain value. */
export async function setVariables(ports: Ports, inUse?: TestSystemRecord): Promise<void> {
  await requireApart(ports);
  const { settings } = ports;
  const { environment, secret } = testSystemOf(ports);
  const { port, password } = settings.variables.database;
  const plain = {
    ...wantedVariables(ports, inUse),
    ...(inUse ? { [port]: String(settings.database.port) } : {}),
  };
  const options: EnvironmentOption[] = Object.entries(plain).map(([name, value]) => ({
    namespace: variablesNamespace,
    name,
    value,
  }));
  const reference = {
    namespace: secretsNamespace,
    name: password,
    value: parameterArn(settings, parameterNames(settings).secret(secret)),
  };
  const removals: OptionName[] = inUse ? [{ namespace: variablesNamespace, name: password }] : [];
  const { options: set } = await testEnvironment(ports);
  const strays = removals.filter(({ namespace, name }) => set[`${namespace}:${name}`] !== undefined);
  await ports.environments.update(environment.name, inUse ? [...options, reference] : options, strays);
}

/** Where its database is by what is set now. */
export async function databaseInUse(ports: Ports): Promise<string> {
  const { options } = await testEnvironment(ports);
  return options[`${variablesNamespace}:${ports.settings.variables.database.host}`] ?? 'not set';
}

/** Whether its environment is being changed. */
export async function isBeingChanged(ports: Ports): Promise<boolean> {
  return (await ports.environments.state(testSystemOf(ports).environment.name))?.status === 'Updating';
}

/** The copy, worked on from the test system's instance and with its own password. */
export async function targetOf(ports: Ports, { id, endpoint }: TestSystemRecord): Promise<Target> {
  const { databases } = await ports.record.recorded();
  if (!endpoint || databases.some((each) => each.endpoint === endpoint || each.id === id))
    throw new PreconditionError('COPY_IS_PRODUCTION', {
      so: `The copy ${id} of the test system is recorded with the endpoint ${endpoint ?? 'none'}, which is not one of its own.`,
      next: `Compare ${parameterNames(ports.settings).testSystem} with aws rds describe-db-instances, and mend it.`,
    });
  const { instance } = await testEnvironment(ports);
  return { instance, endpoint, secret: testSystemOf(ports).secret };
}
