import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../lib/app';
import { readRecord } from '../lib/aws/record';
import { judgeMove, judgeRetirement, type Refusal } from '../lib/moves';
import { resolveWords, type Words } from '../lib/posture';
import { parseUpgradeRecord, type UpgradeRecord } from '../lib/record';
import { UpgradeError, UsageError } from '../lib/runbook/errors';
import { readSettings, type Settings, type Side } from '../lib/settings';
import { readContext } from './context';

/** The account of stacks whose record came from a file: one that nobody has, so they cannot be deployed. */
const nobodysAccount = '000000000000';

// Validation against the resource schemas takes three quarters of a synthesis. The tests do it once for every posture.
process.env.CDK_VALIDATION ??= 'false';

async function main(): Promise<void> {
  const app = new App();
  // The toolkit reads the report of the last synthesis that had faults, and would refuse every deploy after one.
  rmSync(path.join(app.outdir, 'validation-report.json'), { force: true });
  const context = readContext(app.node.getAllContext());
  const settings = readSettings(context.settings);
  const record = context.record
    ? parseUpgradeRecord(readText(context.record), context.record)
    : await readRecord(settings);
  const words = resolveWords(record.posture, context);
  addStacks(app, {
    settings,
    record,
    words,
    account: context.record ? nobodysAccount : settings.account,
    ...(context.record ? {} : await obstaclesOf(settings, record, words)),
  });
  app.synth();
}

/** What stands in the way of a deploy: a run that goes on, and for a legal move what was observed. */
async function obstaclesOf(settings: Settings, record: UpgradeRecord, words: Words) {
  const [{ awsPorts }, { hindrances }, { runGoesOn }] = await Promise.all([
    import('../lib/aws/ports'),
    import('../lib/upgrade/side/hindrances'),
    import('../lib/upgrade/run/run-goes-on'),
  ]);
  const ports = await awsPorts(settings, () => {});
  const { live, access } = record.posture;
  const moves = words.live !== live || words.access !== access;
  const asked = async () => {
    if (words.retire && judgeRetirement(settings, record, words).length === 0)
      return whatKeeps(settings, words.retire);
    if (!moves || judgeMove(settings, record, words).length > 0) return [];
    return hindrances(ports, record, words);
  };
  return { reserved: await runGoesOn(ports), hindrances: await asked() };
}

async function whatKeeps(settings: Settings, side: Side): Promise<Refusal[]> {
  const [{ awsPorts }, { retirementHindrances }] = await Promise.all([
    import('../lib/aws/ports'),
    import('../lib/upgrade/retire/may-retire'),
  ]);
  return retirementHindrances(await awsPorts(settings, () => {}), side);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError('RECORD_FILE_MISSING', {
      so: `The record ${file} cannot be read: ${(error as Error).message}.`,
      changed: 'Nothing was changed.',
      next: 'Give the path of a record as docs/record-format.md describes it, or leave -c record out to read it in AWS.',
    });
  }
}

main().catch((error) => {
  console.error(error instanceof UpgradeError ? `${error.code}: ${error.message}` : error);
  process.exit(error instanceof UpgradeError ? error.exitCode : 1);
});
