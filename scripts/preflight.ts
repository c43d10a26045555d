import { InvalidArgumentError } from 'commander';
import { exitCodes } from '../lib/runbook/errors';
import { nightWindow } from '../lib/upgrade/preflight/night-window';
import { type Checked, faultsOf, preflight, requireKnown } from '../lib/upgrade/preflight/preflight';
import type { Answers } from '../lib/upgrade/probe/answers';
import { probe } from '../lib/upgrade/probe/probe';
import { main, type Script, wordAgain } from './terminal/command';
import { table } from './terminal/table';

interface Options {
  at?: Date;
  probe?: boolean;
  accept?: string[];
}

interface Outcome {
  /** What the account answered to a probe. */
  answers?: Answers;
  faults: number;
  checks: Checked[];
  /** The ids of those whose faults do not count. */
  accepted: string[];
}

export const script: Script<Options, Outcome> = {
  name: 'preflight',
  description:
    'Repeats every check of what a night needs, any day. Changes nothing, and lists all faults at once.',
  options: (command) =>
    command
      .option(
        '--at <time>',
        'when the night is to begin, such as 2026-11-26T22:00+11:00; now without it',
        timeWord,
      )
      .option(
        '--probe',
        'ask this account first what AWS leaves open: sets two variables of the new side, and a record and a stack that nobody uses, and takes them away again',
      )
      .option('--accept <check>', 'do not count the faults of this check, again for each', wordAgain),
  act: async ({ options, ports: connect, say }) => {
    const { accept: accepted = [] } = options;
    requireKnown(accepted);
    const ports = await connect();
    const answers = options.probe ? { answers: await probe(ports) } : {};
    say('asking AWS and every instance');
    const checks = await preflight(ports, nightWindow(ports, options.at));
    return { ...answers, faults: faultsOf(counted(checks, accepted)).length, checks, accepted };
  },
  print: ({ answers, checks, faults, accepted }) =>
    [
      ...(answers ? [told(answers), ''] : []),
      ...checks.map((check) => line(check, accepted)),
      '',
      verdict(counted(checks, accepted), faults),
    ].join('\n'),
  exitCode: ({ faults }) => (faults > 0 ? exitCodes.precondition : exitCodes.done),
};

const told = (answers: Answers) =>
  [
    'What this account answered:',
    `- of a variable that is set by value and from a parameter, processes get that of ${answers.duplicateVariableWins}`,
    `- get-config environment ${answers.shellSeesSecrets ? 'shows' : 'does not show'} a shell what comes from parameters`,
    `- CloudFormation takes records that are exactly there already: ${answers.adoptsRecords}`,
  ].join('\n');

const counted = (checks: Checked[], accepted: string[]) => checks.filter(({ id }) => !accepted.includes(id));

const line = ({ holds, id, title }: Checked, accepted: string[]) =>
  `${holds ? '✓' : '✗'} ${id.padEnd(20)} ${title}${!holds && accepted.includes(id) ? ' (accepted)' : ''}`;

function verdict(checks: Checked[], faults: number): string {
  if (faults === 0) return 'Nothing stands in the way.';
  const rows = checks.flatMap(({ id, findings }) =>
    findings
      .filter(({ holds }) => !holds)
      .map(({ what, observed, expected }) => [id, what, observed, expected]),
  );
  const next = [...new Set(faultsOf(checks).map((each) => each.next))].map((each) => `- ${each}`);
  return [
    `${faults} fault(s):`,
    table(['CHECK', 'WHAT', 'OBSERVED', 'EXPECTED'], rows),
    '',
    'What to do:',
    ...next,
  ].join('\n');
}

function timeWord(word: string): Date {
  const at = new Date(word);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('It should be a time such as 2026-11-26T22:00+11:00.');
  return at;
}

if (require.main === module) main(script);
