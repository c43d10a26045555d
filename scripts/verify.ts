import { type VerifyResult, verifyCopy } from '../lib/upgrade/database/verify-copy';
import { main, type Script } from './terminal/command';

export const script: Script<object, VerifyResult> = {
  name: 'verify',
  description: "Proves that every table of the restored database equals the frozen source's.",
  act: async ({ ports }) => verifyCopy(await ports()),
  print: ({ already, database, tables, rows, sequences, checksums }) =>
    already
      ? `${database} had ${tables} tables and ${rows} rows equal to its source's when it was verified before.`
      : `${database} equals its source: ${tables} tables, ${rows} rows, ${sequences} sequences, the values of ${checksums} tables.`,
};

if (require.main === module) main(script);
