import { type WarmResult, warm } from '../lib/upgrade/database/warm';
import { main, type Script } from './terminal/command';

export const script: Script<object, WarmResult> = {
  name: 'warm',
  description:
    'Reads every table and index of the restored database once, so that people do not wait for it.',
  act: async ({ ports }) => warm(await ports()),
  print: ({ database, tables, indexes, partly }) =>
    `${tables} tables and ${indexes} indexes of ${database} were read${partly > 0 ? `, ${partly} of them partly: npm run warm reads on` : ''}.`,
};

if (require.main === module) main(script);
