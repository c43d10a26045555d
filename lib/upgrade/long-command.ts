import { having, PreconditionError, StepFailedError, UpgradeError } from '../runbook/errors';
import { patient } from '../runbook/patience';
import { manageArguments } from './database/manage';
import { counts, onInstance, type Target, throwIfKnown, unaddressed } from './on-instance';
import type { Begun, Ports } from './ports';
import { isUnanswered } from './run/passing';

/** A command of the application that takes hours: it goes on when this process ends, and the next one follows it. */
export interface LongCommand {
  command: string[];
  /** Whose instance it runs on. */
  environment: string;
  /** The lines of what it prints that tell how far it is; without it, none is shown. */
  progressLine?: string | undefined;
  /** The lines by which it tells of a fault, whatever it exits with. */
  faultLine?: string | undefined;
  /** What may be so once it was begun, as a sentence. */
  begun: string;
  /** What to type when it did not end well. */
  next: string;
}

/** How a command stands on an instance. */
export interface CommandStanding {
  state: 'none' | 'running' | 'broken' | 'ended';
  exitCode: number | undefined;
  /** How many lines it printed, and those of them after the known ones that tell how far it is. */
  lines: number;
  progress: string[];
  /** How many lines tell of a fault, and the first of them. */
  faults: number;
  firstFault: string | undefined;
  /** Its last lines, where it did not end well. */
  last: string[];
}

type Asked = Pick<LongCommand, 'command' | 'progressLine' | 'faultLine'>;

/**
 * The most that Run Command allows, two days.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
const longestSeconds = 172_800;
const firstLookMs = 20_000;
const longestPauseMs = 5 * 60_000;

/** On the instance: it goes with it, as the command does. */
const logOf = ([name]: string[]) => `/var/app/upgrade-${name}.log`;

/**
 * How the command stands on one instance, as far as it works on this database.
 * @param known how many of its lines are known
 */
export async function commandStanding(
  ports: Ports,
  { instance, endpoint }: Target,
  { command, progressLine = '', faultLine = '' }: Asked,
  known = 0,
): Promise<CommandStanding> {
  const args = [logOf(command), command[0]!, endpoint, String(known), progressLine, faultLine];
  const [answer = '', ...rest] = await onInstance(ports, instance, 'follow-command', args);
  const [, state, , code] = /^(none|running|broken|ended)( (\d+))?$/.exec(answer) ?? [];
  if (!state)
    throw new StepFailedError('ANSWER_UNREADABLE', {
      so: `The instance ${instance} was asked how ${command[0]} stands and answered "${answer}".`,
      changed: 'Nothing was changed.',
      next: 'Compare lib/on-instance/follow-command.sh with lib/upgrade/long-command.ts.',
    });
  const behind = (mark: string) =>
    rest.flatMap((line) => (line.startsWith(mark) ? [unaddressed(line.slice(1))] : []));
  const { lines = 0, faults = 0 } = counts(rest);
  return {
    state: state as CommandStanding['state'],
    exitCode: code === undefined ? undefined : Number(code),
    lines,
    progress: behind('>'),
    faults,
    firstFault: behind('!')[0],
    last: behind('?'),
  };
}

/**
 * Begins the command on this instance, or follows the one that goes on there, to its end.
 * @throws StepFailedError COMMAND_FAILED, COMMAND_BROKEN_OFF, COMMAND_REPORTS_FAULTS, INSTANCE_GONE
 */
export async function carryOutLongCommand(ports: Ports, target: Target, given: LongCommand): Promise<void> {
  const { instance } = target;
  const doing = `${instance}: manage.py ${given.command.join(' ')}`;
  const goesOn = (await commandStanding(ports, target, given)).state === 'running';
  ports.progress(
    goesOn ? `${doing} goes on there: following it` : `${doing}: it goes on by itself, for hours`,
  );
  const args = manageArguments(ports.settings, target, given.command, { log: logOf(given.command) });
  const begun = goesOn
    ? undefined
    : await ports.instances.start(instance, 'manage', args, { timeoutSeconds: longestSeconds });
  await having(given.begun, () => untilOver(ports, target, given, begun));
  throwUnlessWell(await commandStanding(ports, target, given), instance, given);
}

/** Waits, and tells how far it is. */
async function untilOver(ports: Ports, target: Target, given: LongCommand, begun: Begun | undefined) {
  const { clock, progress } = ports;
  let known = 0;
  const look = patient({ clock, passes: isUnanswered, tell: progress }, async () => {
    const result = begun && (await ports.instances.ended(begun));
    if (result) throwIfKnown(target.instance, result);
    const standing = await whileThere(ports, target, given, () =>
      commandStanding(ports, target, given, known),
    );
    for (const line of standing?.progress ?? []) progress(`${given.command[0]}: ${line}`);
    known = Math.max(known, standing?.lines ?? 0);
    // Of its own, Run Command says more: what was begun just now may stand behind an older log.
    return begun ? result !== undefined : standing !== undefined && standing.state !== 'running';
  });
  for (let pauseMs = firstLookMs; !(await look()); pauseMs = Math.min(pauseMs * 1.5, longestPauseMs))
    await clock.sleep(pauseMs);
}

/**
 * Undefined while an instance that its environment still has cannot be asked.
 * @throws StepFailedError INSTANCE_GONE
 */
async function whileThere<T>(
  ports: Ports,
  { instance }: Target,
  { environment, command, begun, next }: LongCommand,
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof UpgradeError) || error.code !== 'INSTANCE_UNREACHABLE') throw error;
    const found = await ports.environments.state(environment);
    if (found?.instances.includes(instance)) return undefined;
    throw new StepFailedError('INSTANCE_GONE', {
      so: `The instance ${instance} of ${environment} is gone, and manage.py ${command.join(' ')} with it, before its end.`,
      changed: begun,
      next,
    });
  }
}

function throwUnlessWell(
  { state, exitCode, faults, firstFault, last }: CommandStanding,
  instance: string,
  { command, begun: changed, next }: LongCommand,
): void {
  const did = `manage.py ${command.join(' ')} on ${instance}`;
  if (state !== 'ended')
    throw new StepFailedError('COMMAND_BROKEN_OFF', {
      so: `${did} is gone without an end: somebody ended it, or the machine went down.`,
      changed,
      next,
    });
  if (exitCode !== 0)
    throw new StepFailedError('COMMAND_FAILED', {
      so: `${did} exited with ${exitCode}: ${last.join(' / ') || 'it said nothing.'}`,
      changed,
      next,
    });
  if (faults > 0)
    throw new StepFailedError('COMMAND_REPORTS_FAULTS', {
      so: `${did} exited with 0 and reported ${faults} fault(s), the first: ${firstFault}`,
      changed,
      next,
    });
}

/**
 * Ends the command on one instance; what it wrote stays.
 * @returns how many processes of it there were
 * @throws PreconditionError COMMAND_GOES_ON
 */
export async function endLongCommand(ports: Ports, instance: string, [name]: string[]): Promise<number> {
  const begun = `manage.py ${name} may have been told to end.`;
  const { found = 0, left = 0 } = counts(
    await onInstance(ports, instance, 'end-command', [name!], { begun }),
  );
  if (left > 0)
    throw new PreconditionError('COMMAND_GOES_ON', {
      so: `manage.py ${name} was told to end on ${instance} and goes on after a minute.`,
      next: 'Run the same command again.',
    });
  return found;
}
