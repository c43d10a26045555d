import { stackNames } from '../../../names';
import type { DatabaseRecord } from '../../../record';
import { fact, type Step } from '../../../runbook/step';
import { isRestorable } from '../../../stacks/database';
import { keptEvidence, recordGivenUp, recordKept } from '../../retire/final-snapshot';
import {
  type Assemble,
  beginDestroying,
  beginGivingUp,
  givenUpEvidence,
  isGoing,
  retiringWords,
} from '../../retire/give-up-stack';
import { assembleOriginal, takeIntoStack } from '../../retire/original-database';
import { environmentNames } from '../../side/choose-instance';
import { assembledAs, stackBusy } from '../../stacks/deploy';
import { changeSetCalls } from '../deploy-step';
import { condition, told } from '../night';
import { plainStep } from '../plain-step';
import { allHold, goodbye, mayGo, type TidyUp } from './steps';

/** Everything is allowed again: a stack of a restored database denies every update, its giving up too. */
const nothingDenied = JSON.stringify({
  Statement: [{ Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' }],
});

/** T3, for one database of the side: it leaves a final snapshot. */
export function databaseSteps(tidyUp: TidyUp, database: DatabaseRecord): Step[] {
  return [giveUp(tidyUp, database), destroy(tidyUp, database), record(tidyUp, database)];
}

function giveUp(tidyUp: TidyUp, database: DatabaseRecord): Step {
  const { ports, side } = tidyUp;
  const { id } = database;
  const stack = stackNames(ports.settings).database(database.side, database.generation);
  const kept = () => keptEvidence(ports, id);
  return plainStep({
    id: `give-up-${id}`,
    title: `Give up the database ${id}`,
    seed: ['T3'],
    after: ['destroy-side'],
    minutes: 2,
    deadlineMinutes: 60,
    calls: [
      'ssm PutParameter',
      ...changeSetCalls,
      'cloudformation SetStackPolicy',
      'cloudformation UpdateTerminationProtection',
    ],
    touches: ['databases'],
    byHand: isRestorable(database)
      ? `aws cloudformation set-stack-policy --stack-name ${stack} --stack-policy-body '${nothingDenied}' && npx cdk deploy ${stack} --exclusively -c retire=${side}`
      : `aws rds modify-db-instance --db-instance-identifier ${id} --no-deletion-protection --apply-immediately`,
    preconditions: [mayGo(tidyUp)],
    gate: async () =>
      goodbye(
        wordFor(tidyUp, id),
        [
          `The database ${id} (${database.endpoint}) is deleted.`,
          'Before, a final snapshot of it is taken, which stays. Its automated backups go.',
        ],
        [`Nobody but ${side} used it.`, 'A way back to it is to restore that snapshot by hand.'],
      ),
    postconditions: [
      condition(`${stack} takes ${id} with it, or it is gone and kept`, async () => {
        const already = await kept();
        if (allHold(already)) return already;
        const found = await ports.stacks.find(stack);
        if (!found && (await ports.databases.find(id)))
          return [{ what: `the stack of ${id}`, observed: 'not there', expected: stack, holds: false }];
        return givenUpEvidence(ports, stack);
      }),
    ],
    act: async () => {
      await recordGivenUp(ports, database);
      if (!isRestorable(database)) await takeIntoStack(ports, { id, stack });
      else {
        await ports.stacks.setPolicy(stack, nothingDenied);
        await beginGivingUp(ports, stack, await assembledAs(ports, await retiringWords(ports, side)));
      }
      return [];
    },
    underway: () => stackBusy(ports, stack),
    attempts: 2,
  });
}

/** An environment may have the same name: whoever confirms that has not confirmed this. */
function wordFor({ ports, side }: TidyUp, id: string): string {
  return environmentNames(ports.settings, side).includes(id) ? `database:${id}` : id;
}

function destroy(tidyUp: TidyUp, database: DatabaseRecord): Step {
  const { ports, side } = tidyUp;
  const { id } = database;
  const stack = stackNames(ports.settings).database(database.side, database.generation);
  const assembled = async (): Promise<Assemble> =>
    isRestorable(database)
      ? assembledAs(ports, await retiringWords(ports, side))
      : assembleOriginal(ports, stack);
  return plainStep({
    id: `destroy-${id}`,
    title: `Take away the database ${id}, and keep a final snapshot of it`,
    seed: ['T3'],
    after: [`give-up-${id}`],
    minutes: 12,
    deadlineMinutes: 4 * 60,
    calls: ['cloudformation DeleteStack', 'rds CreateDBSnapshot', 'rds DeleteDBInstance'],
    touches: ['databases'],
    byHand: isRestorable(database)
      ? `npx cdk destroy ${stack} --exclusively -c retire=${side}`
      : `aws rds delete-db-instance --db-instance-identifier ${id} --final-db-snapshot-identifier ${id}-final`,
    postconditions: [condition(`${id} is gone, and kept`, () => keptEvidence(ports, id))],
    act: async () => {
      await beginDestroying(ports, stack, await assembled());
      return [];
    },
    underway: () => isGoing(ports, stack),
    attempts: 2,
  });
}

function record({ ports }: TidyUp, { id }: DatabaseRecord): Step {
  return plainStep({
    id: `record-${id}`,
    title: `Record by what snapshot ${id} is kept`,
    seed: ['T3'],
    after: [`destroy-${id}`],
    minutes: 1,
    calls: ['ssm PutParameter'],
    byHand: 'npm run tidy-up',
    postconditions: [
      condition(`${id} is recorded as gone`, async () => {
        const { databases } = await ports.record.recorded();
        const kept = databases.find((each) => each.id === id)?.gone?.finalSnapshot;
        if (kept) return [told(`what keeps ${id}`, kept)];
        return [fact(`the final snapshot of ${id} in the record`, 'missing', 'there')];
      }),
    ],
    act: async () => {
      await recordKept(ports, id);
      return [];
    },
  });
}
