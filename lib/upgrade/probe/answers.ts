import { z } from 'zod';

/** What AWS's pages do not say, as this account answered. */
export const answers = z.strictObject({
  askedAt: z.iso.datetime(),
  /** Of one name that is set by value and from a parameter, what processes get. */
  duplicateVariableWins: z.enum(['environment', 'environmentsecrets']),
  /** Whether `get-config environment` shows a shell what comes from parameters. */
  shellSeesSecrets: z.boolean(),
  /** Which records CloudFormation takes as its own that are exactly there already. */
  adoptsRecords: z.enum(['aliases', 'plain addresses', 'none']),
});
export type Answers = z.output<typeof answers>;
