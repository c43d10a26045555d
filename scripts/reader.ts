import { makeReader, type ReaderResult } from '../lib/upgrade/side/reader';
import { main, type Script } from './terminal/command';

export const script: Script<object, ReaderResult> = {
  name: 'reader',
  description: "Makes the login that only reads on the live side's database, and proves that it does.",
  act: async ({ ports }) => makeReader(await ports()),
  print: ({ user, database, tables }) =>
    `${user} reads all ${tables} tables of ${database}, and each refused a row of its.`,
};

if (require.main === module) main(script);
