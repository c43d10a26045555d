import type { Refusal } from '../../moves';
import { cname, parameterNames } from '../../names';
import type { Words } from '../../posture';
import { databaseOf, type UpgradeRecord } from '../../record';
import { type Side, sides } from '../../settings';
import { anotherCopy, whatWasWrittenSince } from '../database/source-writes';
import type { Ports } from '../ports';
import { chooseInstance, environmentNames, readyEnvironments } from './choose-instance';
import { takenDoors } from './door';
import { emptiedEvidence } from './fence-by-force';
import { atRest } from './instance-jobs';
import { observe } from './observation';

/** What stands in the way of a legal move, as AWS and the instances are now. Nothing does of a deploy that moves nothing. */
export async function hindrances(ports: Ports, record: UpgradeRecord, to: Words): Promise<Refusal[]> {
  const from = record.posture;
  if (from.live === to.live && from.access === to.access) return [];
  const unfit = [...(await whatIsUnfit(ports, to)), ...(await takenDoors(ports))];
  if (unfit.length > 0) return unfit;
  if (to.access === 'open') return whatHoldsLaunches(ports, to.live);
  if (to.access === 'testing') return whatSpoilsTesting(ports, record, to.live);
  return from.access === 'open' ? whatSpoilsFreezing(ports, to.live) : [];
}

/**
 * An environment that is not Ready refuses its update half-way; names must not point at somebody else's. A side that was
 * fenced by force is left as it is.
 */
async function whatIsUnfit(ports: Ports, to: Words): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  for (const side of sides) {
    const loses = side !== to.live || to.access === 'frozen';
    const unready = await whatIsNotReady(ports, side, loses);
    const isLeft =
      loses && unready.length > 0 && (await emptiedEvidence(ports, side)).every(({ holds }) => holds);
    if (!isLeft) refusals.push(...unready);
    if (side === to.live && to.access !== 'frozen')
      refusals.push(...(await whatAnswersElsewhere(ports, side)));
  }
  return refusals;
}

async function whatIsNotReady(ports: Ports, side: Side, loses: boolean): Promise<Refusal[]> {
  const [paying] = environmentNames(ports.settings, side);
  const force = `If it stays so: npm run fence -- --side ${side} --confirm ${paying}, which ends every instance of ${side}.`;
  const found = await Promise.all(
    environmentNames(ports.settings, side).map((name) => ports.environments.state(name)),
  );
  return found.flatMap((environment) => {
    if (!environment || environment.status === 'Ready') return [];
    const { name, id, status } = environment;
    return [
      {
        so: `The environment ${name} (${id}) is ${status}, not Ready.`,
        next: `Wait until npm run status says that it is Ready, then the same command again.${loses ? ` ${force}` : ''}`,
      },
    ];
  });
}

async function whatAnswersElsewhere(ports: Ports, winner: Side): Promise<Refusal[]> {
  const each = Object.entries(ports.settings.sides[winner].environments).map(async ([role, { name }]) => {
    const found = await ports.environments.state(name);
    const answersAt = cname(ports.settings, winner, role);
    if (found?.cname === answersAt) return [];
    return [
      {
        so: `The names would point at ${answersAt}, and ${name} ${found ? `answers at ${found.cname}` : 'does not exist'}.`,
        next: 'Compare adoptedCname and application in the settings with npm run status.',
      },
    ];
  });
  return (await Promise.all(each)).flat();
}

/** An environment that should grow to full size would wait in vain, fail, and keep the old side's settings. */
async function whatHoldsLaunches(ports: Ports, side: Side): Promise<Refusal[]> {
  const { held } = await groups(ports, side);
  if (held.length === 0) return [];
  return [
    {
      so: `${side} cannot open: Auto Scaling may launch nothing for ${held.join(' and ')}.`,
      next: `Run npm run jobs -- release --side ${side}, then the same command again.`,
    },
  ];
}

/** Without its secret no environment starts with the login that only reads; a job that runs on ends in the middle. */
async function whatSpoilsFreezing(ports: Ports, side: Side): Promise<Refusal[]> {
  const { free } = await groups(ports, side);
  const { reader } = ports.settings.database;
  const secret = parameterNames(ports.settings).secret(reader.secret);
  return [
    ...(free.length > 0
      ? [jobsNotStopped(side, `Auto Scaling may launch instances for ${free.join(' and ')}`)]
      : []),
    ...((await ports.secrets.exists(secret))
      ? []
      : [{ so: `There is no secret ${secret} for the login ${reader.user}.`, next: 'Run npm run reader.' }]),
  ];
}

/** No job may run on the copy, and the copy must have all that people did. */
async function whatSpoilsTesting(ports: Ports, record: UpgradeRecord, side: Side): Promise<Refusal[]> {
  const { free } = await groups(ports, side);
  if (free.length > 0)
    return [jobsNotStopped(side, `Auto Scaling may launch instances for ${free.join(' and ')}`)];
  const instances = (await readyEnvironments(ports, side)).flatMap((environment) => environment.instances);
  const observed = await Promise.all(instances.map((instance) => observe(ports, instance)));
  const running = observed.filter((each) => !atRest(each));
  if (running.length > 0)
    return [jobsNotStopped(side, `they run on ${running.map(({ instance }) => instance).join(' and ')}`)];
  const copy = databaseOf(record, side);
  const written = copy && (await whatWasWrittenSince(ports, record, copy, await chooseInstance(ports, side)));
  return written ? [{ so: written, next: anotherCopy(record.posture.live) }] : [];
}

const jobsNotStopped = (side: Side, why: string): Refusal => ({
  so: `The jobs of ${side} are not stopped: ${why}.`,
  next: `Run npm run jobs -- stop --side ${side}, then the same command again.`,
});

/** The environments of a side whose groups may launch instances, and those whose groups may not. */
async function groups(ports: Ports, side: Side): Promise<{ free: string[]; held: string[] }> {
  const free: string[] = [];
  const held: string[] = [];
  for (const name of environmentNames(ports.settings, side)) {
    const environment = await ports.environments.state(name);
    if (!environment) continue;
    const suspended = await ports.scalingGroups.suspended(environment.autoScalingGroup);
    (suspended.includes('Launch') ? held : free).push(name);
  }
  return { free, held };
}
