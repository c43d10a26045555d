import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../lib/app';
import { readRecord } from '../lib/aws/record';
import { resolveWords } from '../lib/posture';
import { parseUpgradeRecord } from '../lib/record';
import { UpgradeError } from '../lib/runbook/errors';
import { readSettings } from '../lib/settings';
import { readContext } from './context';

/** The account of stacks whose record came from a file: one that nobody has, so they cannot be deployed. */
const nobodysAccount = '000000000000';

// Validation against the resource schemas takes three quarters of a synthesis. The tests do it once for every posture.
process.env.CDK_VALIDATION ??= 'false';

async function main(): Promise<void> {
  const app = new App();
  const context = readContext(app.node.getAllContext());
  const settings = readSettings(context.settings);
  const record = context.record
    ? parseUpgradeRecord(readFileSync(context.record, 'utf8'), context.record)
    : await readRecord(settings);
  addStacks(app, {
    settings,
    record,
    words: resolveWords(record.posture, context),
    account: context.record ? nobodysAccount : settings.account,
  });
  app.synth();
}

main().catch((error) => {
  console.error(error instanceof UpgradeError ? `${error.code}: ${error.message}` : error);
  process.exit(error instanceof UpgradeError ? error.exitCode : 1);
});
