import { type Circumstances, judgeMove } from '../../moves';
import { stackNames } from '../../names';
import { posture, type Words } from '../../posture';
import { PreconditionError } from '../../runbook/errors';
import { type Condition, fact, type Step } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { isClosed, takenDoors } from '../side/door';
import { hindrances } from '../side/hindrances';
import { doorEvidence, namesEvidence, sideEvidence } from '../side/side-evidence';
import { prepareStack, stackBusy, stackEvidence } from '../stacks/deploy';
import { isBeingUpdated, repairNames, repairSide } from '../stacks/repair';
import { condition, type Night, type Phase, step, wordsOf } from './night';
import { plainStep } from './plain-step';

export type Part = 'door' | 'fence' | 'traffic' | Side;

type Described = Pick<Step, 'id' | 'title' | 'seed' | 'after' | 'minutes'>;

export interface DeployGiven extends Described {
  /** The phase in which it is done, and the one that it leads to. */
  phase: Phase;
  towards: Phase;
  /** What is deployed: the doors, the Deny, a side, or the names with the posture record. */
  part: Part;
  preconditions?: Condition[];
}

/** A step of the night that deploys one stack towards a posture, once nothing stands in the way of that move. */
export function deployStep(night: Night, given: DeployGiven): Step {
  const { phase, towards, part, preconditions = [], ...rest } = given;
  const words = wordsOf(night, towards);
  const deployed = deployTo(night.ports, {
    ...rest,
    part,
    words: async () => words,
    wordsByHand: asWords(words),
    circumstances: async () => ({ behindClosedDoor: await isBehindClosedDoor(night, part, towards) }),
  });
  return step(night, phase, {
    ...deployed,
    preconditions: [mayMove(night, part, towards), ...preconditions],
  });
}

export interface DeployTo extends Described {
  part: Part;
  /** Asked anew at each look: they may follow from the record. */
  words(): Promise<Words>;
  /** What a person types after `npx cdk deploy STACK --exclusively`. */
  wordsByHand: string;
  /** See `judgeMove`. */
  circumstances?(): Promise<Circumstances>;
}

const minutesToSettle = 2;

/**
 * Deploys one stack as some words declare it. Done is when the template is deployed and what is observed is as declared: a
 * difference that CloudFormation does not see is repaired, by another turn of the act.
 */
export function deployTo(ports: Ports, given: DeployTo): Step {
  const { part, words, wordsByHand, circumstances, ...rest } = given;
  const stack = stackOf({ ports }, part);
  const deployed = async () => stackEvidence(ports, stack, await words());
  return plainStep({
    ...rest,
    deadlineMinutes: Math.max(30, 4 * given.minutes),
    calls: callsOf(part),
    touches: [part],
    byHand: `npx cdk deploy ${stack} --exclusively ${wordsByHand}`,
    postconditions: [
      condition(`${stack} is deployed as it should be`, deployed),
      ...observedAs(ports, part, words),
    ],
    act: async () => {
      const pending = (await deployed()).some(({ holds }) => !holds);
      if (!pending) await repair(ports, part, await words());
      else await prepareStack(ports, stack, await words(), await circumstances?.());
      return [];
    },
    underway: async () => (await stackBusy(ports, stack)) || (isSide(part) && isBeingUpdated(ports, part)),
    attempts: 4,
    reads: part === 'fence' || part === 'door' ? 1 : minutesToSettle,
  });
}

export const asWords = ({ live, access }: Words) => `-c live=${live} -c access=${access}`;

const isSide = (part: Part): part is Side => part === 'blue' || part === 'green';

export function stackOf({ ports }: Pick<Night, 'ports'>, part: Part): string {
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

function observedAs(ports: Ports, part: Part, words: DeployTo['words']): Condition[] {
  if (part === 'fence') return [];
  const declared = async () => posture(ports.settings, await ports.record.read(), await words());
  if (part === 'door')
    return [condition('every door is in its position', async () => doorEvidence(ports, await declared()))];
  if (part === 'traffic')
    return [
      condition('every name leads to the live side', async () => namesEvidence(ports, await declared())),
    ];
  return [
    condition(`${part} is observed as declared, every process included`, async () =>
      sideEvidence(ports, await declared(), part),
    ),
  ];
}

async function repair(ports: Ports, part: Part, words: Words): Promise<void> {
  if (part === 'fence' || part === 'door') return;
  const declared = posture(ports.settings, await ports.record.read(), words);
  const did =
    part === 'traffic'
      ? await repairNames(ports, declared)
      : await repairSide(ports, part, declared.sides[part]);
  for (const sentence of did) ports.progress(sentence);
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
