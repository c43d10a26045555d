import { cname, stampVariable } from '../../names';
import type { EnvironmentPosture, Posture } from '../../posture';
import { type Evidence, fact } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { type Difference, ofEnvironment, ofHosts } from '../stacks/differences';
import { observeDoor } from './door';
import { everyEnvironment, type FoundEnvironment, observeEnvironment, observeHosts } from './observed';

/** What the jobs' own verbs and the deploy of the doors bring about, after a side's deploy or before it. */
const ofOthers = new Set(['cron', 'commands running', 'suspended Auto Scaling processes', 'door']);

/** Whether every environment of a side, its instances and their processes are as declared; of its jobs and doors nothing is said. */
export async function sideEvidence(ports: Ports, declared: Posture, side: Side): Promise<Evidence[]> {
  const environments = Object.values(declared.sides[side].environments);
  const evidence = environments.map(async (environment) => {
    const observed = await observeEnvironment(ports, side, environment);
    const differences = ofEnvironment(ports.settings, environment, observed).filter(
      ({ what }) => !ofOthers.has(what),
    );
    if (differences.length > 0 || !observed.found) return differences.map(violated);
    return asDeclared(environment, observed.found);
  });
  return (await Promise.all(evidence)).flat();
}

const violated = ({ where, what, declared, observed }: Difference): Evidence =>
  fact(`${what} of ${where}`, observed, declared);

/** What was seen, told shortly, since all of it is as it should be. */
function asDeclared({ name, stamp, armed }: EnvironmentPosture, found: FoundEnvironment): Evidence[] {
  const processes = found.instances.flatMap((each) => ('fault' in each ? [] : each.processes));
  const stamps = [...new Set(processes.map(({ variables }) => variables[stampVariable] ?? 'no stamp'))];
  const held = processes.flatMap(({ payments }) => Object.values(payments));
  return [
    fact(`what the ${processes.length} processes of ${name} obey`, stamps.join(' and '), stamp),
    fact(`payment keys of ${name}`, held.includes('armed') ? 'held' : 'none', armed ? 'held' : 'none'),
  ];
}

/** Whether no process of a side holds payment keys, asked of every one: two sides that can charge would charge twice. */
export async function noKeysEvidence(ports: Ports, declared: Posture, side: Side): Promise<Evidence[]> {
  const environments = Object.values(declared.sides[side].environments);
  const observed = await Promise.all(environments.map((each) => observeEnvironment(ports, side, each)));
  return observed.flatMap(({ name, found }) =>
    (found?.instances ?? []).map((each) => {
      const what = `payment keys on ${each.instance} of ${name}`;
      if ('fault' in each) return fact(what, each.fault, 'none');
      const held = each.processes.flatMap(({ payments }) => Object.values(payments)).includes('armed');
      return fact(what, held ? 'held' : 'none', 'none');
    }),
  );
}

/** Whether the records of all live names are as declared, and DNS answers with the live side's addresses. */
export async function namesEvidence(ports: Ports, declared: Posture): Promise<Evidence[]> {
  const hosts = await observeHosts(ports);
  const differences = ofHosts(ports.settings, declared, hosts);
  if (differences.length > 0) return differences.map(violated);
  return Promise.all(
    Object.entries(declared.hosts).map(async ([host, { side, role }]) => {
      const [seen, wanted] = await Promise.all([
        ports.outside.resolve(host),
        ports.outside.resolve(cname(ports.settings, side, role)),
      ]);
      return fact(`what DNS answers for ${host}`, listed(seen), listed(wanted));
    }),
  );
}

const listed = (addresses: string[]) => [...addresses].sort().join(', ') || 'no address';

/** Whether each environment's door is where the posture wants it. */
export async function doorEvidence(ports: Ports, declared: Posture): Promise<Evidence[]> {
  const each = everyEnvironment(declared.sides).map(async ([, { name, door }]) => {
    const environment = await ports.environments.state(name);
    const observed = environment ? await observeDoor(ports, environment) : 'no environment';
    return fact(`the door of ${name}`, observed, door);
  });
  return Promise.all(each);
}
