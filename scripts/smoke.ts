import { Option } from 'commander';
import { posture, resolveWords, table as rulesOf } from '../lib/posture';
import { exitCodes, UsageError } from '../lib/runbook/errors';
import type { Evidence } from '../lib/runbook/step';
import type { Side } from '../lib/settings';
import type { Ports } from '../lib/upgrade/ports';
import { smokeByNames, smokeByPreview } from '../lib/upgrade/side/smoke';
import { main, type Script, sideWord } from './terminal/command';
import { table } from './terminal/table';

interface Options {
  side?: Side;
  by: 'preview' | 'names';
}

interface Outcome {
  side: Side;
  maintenance: boolean;
  evidence: Evidence[];
}

/** The side that answers, and whether its maintenance is on, by what is declared. */
async function smoke(ports: Ports, { side: given, by }: Options): Promise<Outcome> {
  const record = await ports.record.read();
  const { live, sides } = posture(ports.settings, record, resolveWords(record.posture, {}));
  if (by === 'names' && given && given !== live)
    throw new UsageError('NAMES_LEAD_ELSEWHERE', {
      so: `The names lead to ${live}, not to ${given}.`,
      changed: 'Nothing was changed.',
      next: `Run npm run smoke -- --by names, or ask ${given} with --side ${given} --by preview.`,
    });
  const side = by === 'names' ? live : (given ?? ports.settings.upgrade.to);
  const { state } = sides[side];
  if (state === 'retired')
    throw new UsageError('SIDE_RETIRED', {
      so: `${side} was tidied away: no environment of it exists.`,
      changed: 'Nothing was changed.',
      next: 'Ask the side that is live: npm run smoke -- --by names.',
    });
  const { maintenance } = rulesOf[state];
  const evidence =
    by === 'names' ? smokeByNames(ports, maintenance) : smokeByPreview(ports, side, maintenance);
  return { side, maintenance, evidence: await evidence };
}

const failed = ({ evidence }: Outcome) => evidence.filter(({ holds }) => !holds).length;

export const script: Script<Options, Outcome> = {
  name: 'smoke',
  description:
    "Asks a side, through the testers' door and logged in as nobody, what the smoke checks of the settings expect; exits with 3 if not.",
  options: (command) =>
    command
      .addOption(
        new Option('--by <names>', 'which names: those of preview, or the live ones')
          .choices(['preview', 'names'])
          .makeOptionMandatory(),
      )
      .option('--side <side>', 'blue or green; by preview the side that the upgrade leads to', sideWord),
  act: async ({ options, ports }) => smoke(await ports(), options),
  print: (outcome) => {
    const { side, maintenance, evidence } = outcome;
    if (evidence.length === 0) return 'The settings name no smoke checks.';
    const rows = evidence.map((each) => [each.what, each.observed, each.expected, each.holds ? '' : 'NO']);
    const where = `${side}, maintenance ${maintenance ? 'on' : 'off'}`;
    const verdict =
      failed(outcome) === 0
        ? `All ${evidence.length} answers are as they should be (${where}).`
        : `${failed(outcome)} of ${evidence.length} answers are NOT as they should be (${where}).`;
    return `${table(['ADDRESS', 'OBSERVED', 'EXPECTED', ''], rows)}\n\n${verdict}`;
  },
  exitCode: (outcome) => (failed(outcome) === 0 ? exitCodes.done : exitCodes.precondition),
};

if (require.main === module) main(script);
