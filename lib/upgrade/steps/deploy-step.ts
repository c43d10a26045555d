import { judgeMove } from '../../moves';
import { stackNames } from '../../names';
import { PreconditionError } from '../../runbook/errors';
import { type Condition, fact, type Step } from '../../runbook/step';
import type { Side } from '../../settings';
import { prepareStack, stackBusy, stackEvidence } from '../deploy';
import { isClosed, takenDoors } from '../door';
import { hindrances } from '../hindrances';
import { isBeingUpdated, repairNames, repairSide } from '../repair';
import { doorEvidence, namesEvidence, sideEvidence } from '../side-evidence';
import { condition, declaredIn, type Night, type Phase, step, wordsOf } from './night';

type Part = 'door' | 'fence' | 'traffic' | Side;

export interface DeployGiven extends Pick<Step, 'id' | 'title' | 'seed' | 'after' | 'minutes'> {
  /** The phase in which it is done, and the one that it leads to. */
  phase: Phase;
  towards: Phase;
  /** What is deployed: the doors, the Deny, a side, or the names with the posture record. */
  part: Part;
  preconditions?: Condition[];
}

const minutesToSettle = 2;

/**
 * Deploys one stack towards a posture. Done is when the template is deployed and what is observed is as declared: a
 * difference that CloudFormation does not see is repaired, by another turn of the act.
 */
export function deployStep(night: Night, given: DeployGiven): Step {
  const { ports } = night;
  const { phase, towards, part, ...rest } = given;
  const stack = stackOf(night, part);
  const words = wordsOf(night, towards);
  const asWords = `-c live=${words.live} -c access=${words.access}`;
  const deployed = () => stackEvidence(ports, stack, words);
  return step(night, phase, {
    ...rest,
    deadlineMinutes: Math.max(30, 4 * given.minutes),
    calls: callsOf(part),
    byHand: `npx cdk deploy ${stack} --exclusively ${asWords}`,
    preconditions: [mayMove(night, part, towards), ...(given.preconditions ?? [])],
    postconditions: [
      condition(`${stack} is deployed as ${words.live}/${words.access}`, deployed),
      ...observedAs(night, part, towards),
    ],
    act: async () => {
      const pending = (await deployed()).some(({ holds }) => !holds);
      if (!pending) await repair(night, part, towards);
      else {
        const behindClosedDoor = await isBehindClosedDoor(night, part, towards);
        await prepareStack(ports, stack, words, { behindClosedDoor });
      }
      return [];
    },
    underway: async () => (await stackBusy(ports, stack)) || (isSide(part) && isBeingUpdated(ports, part)),
    attempts: 4,
    reads: part === 'fence' || part === 'door' ? 1 : minutesToSettle,
  });
}

const isSide = (part: Part): part is Side => part === 'blue' || part === 'green';

export function stackOf({ ports }: Night, part: Part): string {
  const names = stackNames(ports.settings);
  if (part === 'door') return names.door;
  if (part === 'fence') return names.fence;
  return part === 'traffic' ? names.traffic : names.side(part);
}

/** What a deploy asks of AWS. */
export const changeSetCalls = [
  's3 PutObject',
  'cloudformation CreateChangeSet',
  'cloudformation ExecuteChangeSet',
];

function callsOf(part: Part): string[] {
  if (part === 'fence' || part === 'door') return changeSetCalls;
  if (part === 'traffic') return [...changeSetCalls, 'route53 ChangeResourceRecordSets'];
  return [...changeSetCalls, 'elasticbeanstalk UpdateEnvironment', 'elasticbeanstalk RestartAppServer'];
}

function observedAs(night: Night, part: Part, towards: Phase): Condition[] {
  const { ports } = night;
  if (part === 'fence') return [];
  if (part === 'door')
    return [
      condition('every door is in its position', async () => {
        const { declared } = await declaredIn(night, towards);
        return doorEvidence(ports, declared);
      }),
    ];
  if (part === 'traffic')
    return [
      condition('every name leads to the live side', async () => {
        const { declared } = await declaredIn(night, towards);
        return namesEvidence(ports, declared);
      }),
    ];
  return [
    condition(`${part} is observed as declared, every process included`, async () => {
      const { declared } = await declaredIn(night, towards);
      return sideEvidence(ports, declared, part);
    }),
  ];
}

async function repair(night: Night, part: Part, towards: Phase): Promise<void> {
  if (part === 'fence' || part === 'door') return;
  const { declared } = await declaredIn(night, towards);
  const did =
    part === 'traffic'
      ? await repairNames(night.ports, declared)
      : await repairSide(night.ports, part, declared.sides[part]);
  for (const sentence of did) night.ports.progress(sentence);
}

/** Whether nobody can meet what is deployed: of the new side and its keys, not of what lets people in or leads them there. */
async function isBehindClosedDoor({ ports, to }: Night, part: Part, towards: Phase): Promise<boolean> {
  return towards === 'testing' && (part === 'fence' || part === to) && (await isClosed(ports, to));
}

/** The move is legal by the record, and nothing that is observed stands in its way. */
function mayMove(night: Night, part: Part, towards: Phase): Condition {
  const words = wordsOf(night, towards);
  return condition(`the record may become ${words.live}/${words.access}`, async () => {
    const record = await night.ports.record.read();
    const { live, access } = record.posture;
    const behindClosedDoor = await isBehindClosedDoor(night, part, towards);
    const illegal = judgeMove(night.ports.settings, record, words, { behindClosedDoor });
    // A door closes whatever its side is doing: that is what it is for.
    const inTheWay = () =>
      part === 'door' ? takenDoors(night.ports) : hindrances(night.ports, record, words);
    const refusals = illegal.length > 0 ? illegal : await inTheWay();
    if (refusals.length > 0)
      throw new PreconditionError('MOVE_REFUSED', {
        so: refusals.map(({ so }) => so).join(' '),
        next: refusals.map(({ next }) => next).join(' '),
      });
    return [fact(`${live}/${access} becoming ${words.live}/${words.access}`, 'allowed', 'allowed')];
  });
}
