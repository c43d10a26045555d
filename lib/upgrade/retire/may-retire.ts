import { judgeRetirement, type Refusal } from '../../moves';
import { resolveWords } from '../../posture';
import { databaseOf } from '../../record';
import { PreconditionError, UpgradeError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import { otherSide, type Side } from '../../settings';
import { loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { chooseInstance, environmentNames } from '../side/choose-instance';
import { described, namesOfOld } from './names-of-old';

const dayMs = 24 * 60 * 60_000;

/** Three times as long as a resolver may keep what the old records of production said, 300 seconds. */
const quietMinutes = 15;

/** What must be so before anything of a side is taken away, and is looked at anew before each part of it. */
export async function mayRetire(ports: Ports, side: Side): Promise<Evidence[]> {
  const judged = await isLegal(ports, side);
  if (judged.some(({ holds }) => !holds)) return judged;
  const looks = [openLongEnough, nothingLeadsThere, nobodyComes, dataIsKept];
  const found = await Promise.all(looks.map((look) => look(ports, side)));
  return [...judged, ...found.flat()];
}

/** The same as why a deploy is refused. */
export async function retirementHindrances(ports: Ports, side: Side): Promise<Refusal[]> {
  return (await mayRetire(ports, side))
    .filter(({ holds }) => !holds)
    .map(({ what, observed, expected }) => ({
      so: `${side} cannot be given up: ${what} is ${observed}, not ${expected}.`,
      next: 'npm run tidy-up -- --help tells what must be so before.',
    }));
}

/** @throws PreconditionError MUST_STAY with everything that speaks against it at once. */
export async function requireMayRetire(ports: Ports, side: Side): Promise<void> {
  const against = (await mayRetire(ports, side)).filter(({ holds }) => !holds);
  if (against.length === 0) return;
  const told = against.map(({ what, observed, expected }) => `${what} is ${observed}, not ${expected}`);
  throw new PreconditionError('MUST_STAY', {
    so: `${side} must stay as it is: ${told.join('; ')}.`,
    next: 'When that is so, run npm run tidy-up again. docs/tidy-up.md has what to do about each.',
  });
}

async function isLegal(ports: Ports, side: Side): Promise<Evidence[]> {
  const record = await ports.record.read();
  const words = resolveWords(record.posture, { retire: side });
  const { live, access } = record.posture;
  const legal = judgeRetirement(ports.settings, record, words);
  if (legal.length === 0) return [fact('what the record says', `${live}/${access}`, `${live}/${access}`)];
  return legal.map(({ so }) =>
    fact(`what the record says (${so})`, `${live}/${access}`, `${otherSide(side)}/open`),
  );
}

async function openLongEnough(ports: Ports, side: Side): Promise<Evidence[]> {
  const { afterDays } = ports.settings.tidyUp;
  const since = await ports.record.unchangedSince();
  const days = (ports.clock.now().getTime() - since.getTime()) / dayMs;
  return [
    {
      what: `how long ${otherSide(side)} has been open`,
      observed: `${Math.floor(days * 10) / 10} days, since ${since.toISOString()}`,
      expected: `${afterDays} days at least`,
      holds: days >= afterDays,
    },
  ];
}

async function nothingLeadsThere(ports: Ports, side: Side): Promise<Evidence[]> {
  const { others } = await namesOfOld(ports, side);
  return [
    fact(`what records of any zone lead to ${side}`, others.map(described).join('; ') || 'none', 'none'),
  ];
}

/** Asked of the doors, which are closed: whoever still comes by one of our names is refused there, and noted. */
async function nobodyComes(ports: Ports, side: Side): Promise<Evidence[]> {
  const until = ports.clock.now();
  const since = new Date(until.getTime() - quietMinutes * 60_000);
  const asked = environmentNames(ports.settings, side).map(async (name): Promise<Evidence[]> => {
    const [loadBalancer] = (await ports.environments.state(name))?.loadBalancers ?? [];
    if (!loadBalancer) return [];
    const refused = await ports.doors.refused(loadBalancer, since, until);
    const what = `who came to ${name} by our names in the last ${quietMinutes} minutes`;
    if (!refused)
      return [fact(what, 'not known: its door is missing or older (npx cdk deploy --all)', 'nobody')];
    const { requests, examples } = refused;
    return [
      fact(
        what,
        requests === 0 ? 'nobody' : `${requests} requests, such as ${examples.join(', ')}`,
        'nobody',
      ),
    ];
  });
  return (await Promise.all(asked)).flat();
}

/** The live side's database answers; every other one that was not given up is left as it is, or gets a final snapshot. */
async function dataIsKept(ports: Ports, side: Side): Promise<Evidence[]> {
  const live = otherSide(side);
  const database = databaseOf(await ports.record.recorded(), live);
  const what = `the database of ${live}`;
  if (!database?.endpoint) return [fact(what, 'not recorded', 'answering')];
  return [fact(`${what}, ${database.id},`, await answerOf(ports, live, database.endpoint), 'answering')];
}

async function answerOf(ports: Ports, side: Side, endpoint: string): Promise<string> {
  const login = loginArguments(ports.settings, endpoint, 'writer');
  try {
    await onInstance(ports, await chooseInstance(ports, side), 'accept-connections', [...login, '1', '0']);
    return 'answering';
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    return `silent (${error.text.so})`;
  }
}
