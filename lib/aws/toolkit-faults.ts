import { stripVTControlCharacters } from 'node:util';
import { PreconditionError, StepFailedError, UpgradeError } from '../runbook/errors';
import type { Settings } from '../settings';
import { refusalOf } from '../upgrade/stack-status';
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
  const refused = status && refusalOf(stack, status, error);
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

interface Caused extends Error {
  type?: string;
}

function causes(error: unknown): Caused[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

/** Without the colours and line ends that a terminal would have. */
const plain = (message: string) => stripVTControlCharacters(message).replace(/\s+/g, ' ').trim();
