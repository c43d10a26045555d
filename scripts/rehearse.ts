import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Report } from '../lib/report/report';
import { reversed } from '../lib/reversed';
import { InvariantError, StepFailedError } from '../lib/runbook/errors';
import type { Settings, Side } from '../lib/settings';
import type { Verdict } from '../sandbox/judge/verdict';
import { main, sideWord } from './command';
import { script as cutover } from './cutover';
import { checkForeign, type Foreign } from './foreign';
import { type Rehearsal, startRehearsal } from './rehearsal';

interface Options extends Foreign {
  to?: Side;
}

const reportFile = 'rehearsal/report.json';

/** The settings as they are, or the other way round when the upgrade should go there. */
function towards(settings: Settings, to: Side | undefined): Settings {
  return to === undefined || to === settings.upgrade.to ? settings : reversed(settings);
}

/** What a person types: the new side is built days before, and the night is one command. */
const commands = ({ upgrade: { to } }: Settings): [title: string, command: string][] => [
  [`Days before: build ${to}, fenced, on the database for preparation`, 'npx cdk deploy --all'],
  ['The night', `npm run cutover -- --yes --report ${reportFile}`],
];

main<Options, Report>({
  name: 'rehearse',
  description:
    'Carries out the upgrade of the page in a sandbox on this machine: a real cdk deploy, then the runbook.',
  options: (command) =>
    command
      .option('--to <side>', 'the side to move to, if not that of the settings', sideWord)
      .option('--application <dir>', "a checkout whose manage.py runs on the new side's instances")
      .option('--database <file>', 'a plain SQL or pg_dump file to load as the old side’s database'),
  speaks: true,
  act: async ({ options, settings, say }) => {
    const used = towards(settings, options.to);
    // What is wrong with them is said here, before anything is started.
    checkForeign(options, used);
    mkdirSync('rehearsal', { recursive: true });
    rmSync(reportFile, { force: true });
    writeFileSync('rehearsal/settings.yaml', stringify(used));
    const rehearsal = await startRehearsal(used, 'rehearsal/settings.yaml', options, say);
    try {
      return await rehearse(rehearsal, used);
    } finally {
      await rehearsal.stop();
    }
  },
  print: cutover.print,
});

async function rehearse(rehearsal: Rehearsal, settings: Settings): Promise<Report> {
  for (const [title, command] of commands(settings)) {
    rehearsal.announce(title, command);
    const exitCode = await rehearsal.run(command);
    if (exitCode !== 0) throw failed(command, exitCode);
  }
  const verdict = await rehearsal.verdict();
  const report = judgedFromInside(JSON.parse(readFileSync(reportFile, 'utf8')), verdict);
  writeFileSync(reportFile, `${JSON.stringify(report, undefined, 2)}\n`);
  if (report.invariants.broken.length > 0) throw broken(report);
  return report;
}

/** The run judges what it can observe; the sandbox sees every process, row and e-mail, after every event. */
function judgedFromInside(report: Report, { checked, broken }: Verdict): Report {
  const seen = broken.map(({ invariant, evidence }) => `${invariant}: ${evidence}`);
  const { invariants } = report;
  return {
    ...report,
    invariants: { checked: invariants.checked + checked, broken: [...invariants.broken, ...seen] },
  };
}

function broken({ invariants }: Report): InvariantError {
  return new InvariantError('INVARIANT_BROKEN', {
    so: `This must never be so and was seen: ${invariants.broken.join('; ')}.`,
    changed: 'The sandbox is gone with this rehearsal; nothing else was touched.',
    next: `Read ${reportFile} and rehearsal/rehearsal.log.`,
  });
}

function failed(command: string, exitCode: number): StepFailedError {
  return new StepFailedError('REHEARSAL_FAILED', {
    so: `"${command}" ended with exit code ${exitCode}.`,
    changed: 'The sandbox is gone with this rehearsal; nothing else was touched.',
    next: 'Read the lines above; npm run sandbox -- --env-file FILE lets you type the commands one by one.',
  });
}
