import { stripVTControlCharacters } from 'node:util';
import { PreconditionError, StepFailedError, UpgradeError } from '../runbook/errors';
import type { Settings } from '../settings';
import { refusalOf } from '../upgrade/stacks/stack-status';
import { generalFault } from './faults';

/**
 * What preparing or executing a change of one stack may meet, as an error a person can act on.
 * @param complaints what the toolkit said before it gave up
 */
export function deploymentFault(
  error: unknown,
  stack: string,
  settings: Settings,
  complaints: string[] = [],
): Error {
  const chain = causes(error);
  const general = chain.map((each) => generalFault(each, `CloudFormation for ${stack}`));
  const known = general.find((each) => each instanceof UpgradeError);
  if (known) return known as UpgradeError;
  const told = [...complaints, ...chain.map(({ message }) => message)]
    .map(plain)
    .filter((text) => text !== '');
  const said = [...new Set(told)].join(' / ');
  const [, status] = /\bis in (\w+) state\b/.exec(said) ?? [];
  const refused = status && refusalOf(stack, status, { cause: error });
  if (refused) return refused;
  const refuse = (code: string, so: string, next: string) =>
    new PreconditionError(code, { so, next }, { cause: error });
  if (chain.some(({ type }) => type === 'assembly'))
    return refuse(
      'MOVE_REFUSED',
      `The deploy of ${stack} is refused: ${said}`,
      'Do what it says, then run the same command again.',
    );
  if (/cannot be executed in its current|ChangeSet \[.*\] does not exist/.test(said))
    return refuse(
      'CHANGE_SET_OBSOLETE',
      `The change of ${stack} that was prepared cannot be made any more: ${said}`,
      'Somebody else deploys this stack. Look with npm run status, then run the same command again.',
    );
  if (/bootstrap/i.test(said))
    return refuse(
      'NOT_BOOTSTRAPPED',
      `The template of ${stack} cannot be sent: ${said}`,
      `Run npx cdk bootstrap aws://${settings.account}/${settings.region} once, then the same command again.`,
    );
  return new StepFailedError(
    'DEPLOY_NOT_PREPARED',
    {
      so: `No change of ${stack} could be prepared: ${said}`,
      changed: 'No resource was changed.',
      next: 'Mend what it says, and run the same command again.',
    },
    { cause: error },
  );
}

/**
 * The toolkit takes credentials that have expired for none, and a role that nobody can ask for now for one that is
 * missing. Of two faults that of the credentials is the cause.
 * @param askAccount throws when these credentials are no good now
 */
export async function causeOf(fault: Error, askAccount: () => Promise<void>): Promise<Error> {
  if (!(fault instanceof UpgradeError && guesses.has(fault.code))) return fault;
  return askAccount().then(
    () => fault,
    (cause) => cause,
  );
}

/** What is concluded from the toolkit's words. */
const guesses = new Set(['DEPLOY_NOT_PREPARED', 'NOT_BOOTSTRAPPED']);

interface Caused extends Error {
  type?: string;
}

function causes(error: unknown): Caused[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

/** Without the colours and line ends that a terminal would have. */
const plain = (message: string) => stripVTControlCharacters(message).replace(/\s+/g, ' ').trim();
