import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../lib/report/report';
import { UsageError } from '../lib/runbook/errors';
import { drive } from '../lib/upgrade/run';
import { cutover } from '../lib/upgrade/runbooks';
import { main, type Script } from './command';
import { terminalOperator } from './terminal-operator';
import { alive, thisProcess } from './this-machine';

interface Options {
  yes?: boolean;
  callOff?: boolean;
  oneByOne?: boolean;
  report?: string;
}

export const script: Script<Options, Report> = {
  name: 'cutover',
  description: 'Carries out the upgrade of the page, from wherever it stands, and proves every step.',
  options: (command) =>
    command
      .option('--yes', 'say yes to every gate without being asked')
      .option('--call-off', 'take back what this run did, and open the old side again')
      .option('--one-by-one', 'carry the steps out one after another, none beside another')
      .option('--report <file>', 'where the report goes; runs/<run>/report.json without it'),
  speaks: true,
  act: async ({ options, ports: connect, say, terminal, json }) => {
    if (options.report) requireWritable(options.report);
    const operator = terminalOperator(terminal, { yes: options.yes ?? false, json });
    let progress = say;
    const ports = await connect((text) => progress(text));
    progress = (text) => operator.tell({ code: 'PROGRESS', at: ports.clock.now(), text });
    const { report, error } = await drive({
      ports,
      runbook: cutover(ports, options),
      operator,
      driver: thisProcess(),
      alive,
      modelled: process.env.AWS_ENDPOINT_URL !== undefined,
      callOff: options.callOff ?? false,
    });
    const file = options.report ?? path.join('runs', report.run, 'report.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
    if (error) throw error;
    return report;
  },
  print: (report) => summary(report),
};

function summary({ run, title, outageMinutes, pageOutageMinutes, ...report }: Report): string {
  const minutes = report.minutesAre === 'modelled' ? 'modelled minutes' : 'minutes';
  const outage =
    outageMinutes === undefined
      ? 'No ordinary visitor was refused.'
      : `Ordinary visitors were refused for ${outageMinutes} ${minutes}, testing left out; the page needs ${pageOutageMinutes}.`;
  return [
    `${title}: ${report.result} (${run}).`,
    outage,
    ...pathOf(report, minutes),
    `Waiting for AWS: ${report.awsBoundMinutes} ${minutes}. The tool's own part: ${report.toolSeconds} seconds.`,
    `Invariants: ${report.invariants.checked} checked, ${report.invariants.broken.length} broken.`,
  ].join('\n');
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

if (require.main === module) main(script);
