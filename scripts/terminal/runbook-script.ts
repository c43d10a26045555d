import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Report } from '../../lib/report/report';
import { UsageError } from '../../lib/runbook/errors';
import { isLost } from '../../lib/runbook/lock';
import type { Ports } from '../../lib/upgrade/ports';
import type { Budget } from '../../lib/upgrade/run/budget';
import { drive, type Ended } from '../../lib/upgrade/run/run';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { countWord, type Script, wordAgain } from './command';
import { keepReport, pageOf, reportFileOf } from './keep-report';
import { openScreen } from './live-screen';
import { type TerminalOperator, terminalOperator } from './terminal-operator';
import { alive, thisProcess } from './this-machine';
import { portWord, watched, watchOption } from './watch';

/** What every runbook's command takes. */
export interface RunbookOptions {
  yes?: boolean;
  confirm?: string[];
  gateExpiry?: number;
  report?: string;
  watch?: number | true;
}

/** How a run is driven. */
export interface Driving {
  /** Whether everything is taken back instead. */
  callOff?: boolean;
  gateExpiryMinutes?: number | undefined;
  budget?: Budget | undefined;
}

/** A command that drives a runbook. */
export interface RunbookCommand<Options> {
  name: string;
  description: string;
  /** Adds options of its own. */
  options?(command: Command): void;
  runbook(ports: Ports, options: Options & RunbookOptions): UpgradeRunbook | Promise<UpgradeRunbook>;
  /** Whether everything is to be taken back. */
  callOff?(options: Options): boolean;
  /** Whether its gates may expire. */
  gatesExpire?: true;
  /** How it is driven; it may refuse that anything is begun. */
  driving?(ports: Ports, options: Options): Promise<Driving>;
  /** Before a run is begun or gone on with. */
  before?(ports: Ports, options: Options): Promise<void>;
  /** What follows an end, before it is told. */
  after?(ended: Ended, given: { ports: Ports; operator: TerminalOperator; options: Options }): Promise<void>;
}

export function runbookScript<Options extends object>(
  given: RunbookCommand<Options>,
): Script<Options & RunbookOptions, Report> {
  return {
    name: given.name,
    description: given.description,
    options: (command) => {
      command
        .option('--yes', 'say yes to every gate without being asked')
        .option(
          '--confirm <word>',
          'the word that a gate asks for instead of a yes, again for each',
          wordAgain,
        )
        .option('--report <file>', 'where the report goes; runs/<run>/report.json without it')
        .option(...watchOption, portWord);
      if (given.gatesExpire)
        command.option(
          '--gate-expiry <minutes>',
          'at a gate that nobody answers for so long, do what is safe there; one at which nothing is waits',
          countWord,
        );
      given.options?.(command);
    },
    speaks: true,
    act: async ({ options, ports: connect, say, terminal, json }) => {
      if (options.report) requireWritable(options.report);
      const { yes = false, confirm: words = [] } = options;
      const callOff = given.callOff?.(options) ?? false;
      const command = `npm run ${given.name}${callOff ? ' -- --call-off' : ''}`;
      // Of what is taken back nothing is expected: each step that was is told.
      const screen = json || callOff ? undefined : await openScreen(terminal.stderr);
      const own = terminalOperator(terminal, { yes, words, json, command, screen });
      let progress = say;
      const ports = await connect((text) => progress(text));
      const { operator, end } = options.watch
        ? await watched(own, { port: options.watch, title: command, clock: ports.clock })
        : { operator: own, end: async () => {} };
      progress = (text) => operator.tell({ code: 'PROGRESS', at: ports.clock.now(), text });
      try {
        const driving = await given.driving?.(ports, options);
        await given.before?.(ports, options);
        const runbook = await given.runbook(ports, options);
        const { gateExpiry: gateExpiryMinutes } = options;
        const ended = await driveAs(ports, runbook, operator, { ...driving, callOff, gateExpiryMinutes });
        await keep(ended, ports, options.report);
        await given.after?.(ended, { ports, operator, options });
        if (ended.error) throw ended.error;
        return ended.report;
      } finally {
        operator.end();
        await end();
      }
    },
    print: summary,
  };
}

/** Whether minutes come from a sandbox. */
export const isModelled = () => process.env.AWS_ENDPOINT_URL !== undefined;

/** Drives a runbook from this process. */
export function driveAs(
  ports: Ports,
  runbook: UpgradeRunbook,
  operator: TerminalOperator,
  { callOff = false, ...driving }: Driving = {},
): Promise<Ended> {
  const modelled = isModelled();
  const { follow } = operator;
  return drive({
    ports,
    runbook,
    operator,
    driver: thisProcess(),
    alive,
    modelled,
    callOff,
    follow,
    ...driving,
  });
}

/** Here, and for everybody beside report.json. Whoever lost the run has read only its beginning. */
async function keep({ report, error }: Ended, { objects }: Ports, chosen: string | undefined): Promise<void> {
  const page = pageOf(report);
  keepReport(report, reportFileOf(report, chosen), page);
  if (isLost(error)) return;
  const key = `runs/${report.run}/report.html`;
  const found = await objects.read(key).catch(() => undefined);
  if (found?.text === page) return;
  await objects.write(key, page, found ? { tag: found.tag } : 'absent').catch(() => {});
}

function summary({ run, title, ...report }: Report): string {
  const minutes = report.minutesAre === 'modelled' ? 'modelled minutes' : 'minutes';
  return [
    `${title}: ${report.result} (${run}).`,
    ...outageOf(report, minutes),
    ...pathOf(report, minutes),
    `Waiting for AWS: ${report.awsBoundMinutes} ${minutes}. The tool's own part: ${report.toolSeconds} seconds.`,
    ...(report.watchedMinutes > 0 ? [`Watched while it was open: ${report.watchedMinutes} ${minutes}.`] : []),
    `Invariants: ${report.invariants.checked} checked, ${report.invariants.broken.length} broken.`,
  ].join('\n');
}

/** A runbook without an outage of the page's says something of visitors only when they were refused. */
function outageOf(
  { outageMinutes, pageOutageMinutes }: Pick<Report, 'outageMinutes' | 'pageOutageMinutes'>,
  minutes: string,
): string[] {
  const page =
    pageOutageMinutes === undefined ? '' : `, testing left out; the page needs ${pageOutageMinutes}`;
  if (outageMinutes !== undefined)
    return [`Ordinary visitors were refused for ${outageMinutes} ${minutes}${page}.`];
  return pageOutageMinutes === undefined ? [] : ['No ordinary visitor was refused.'];
}

/** Steps of a minute and more say how long they took: the others are seconds. */
function pathOf({ criticalPath, steps }: Pick<Report, 'criticalPath' | 'steps'>, minutes: string): string[] {
  if (criticalPath.length === 0) return [];
  const parts = criticalPath.map((id) => {
    const taken = steps.find((step) => step.id === id)!.minutes ?? 0;
    return taken >= 1 ? `${id} ${taken}` : id;
  });
  return [`What made it that long, in ${minutes}: ${parts.join(' → ')}.`];
}

/** Asked before the night: at its end a report that cannot be written would hide how it ended. */
function requireWritable(file: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    closeSync(openSync(file, 'a'));
  } catch (cause) {
    throw new UsageError(
      'REPORT_NOT_WRITABLE',
      {
        so: `The report ${file} cannot be written: ${(cause as Error).message}.`,
        changed: 'Nothing was changed.',
        next: 'Name another file with --report, or none.',
      },
      { cause },
    );
  }
}
