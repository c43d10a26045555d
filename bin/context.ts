import { z } from 'zod';
import { accesses } from '../lib/record';
import { UsageError } from '../lib/runbook/errors';
import { sides } from '../lib/settings';

const shape = z.strictObject({
  /** The side the names point at; alone it means open. */
  live: z.enum(sides).optional(),
  access: z.enum(accesses).optional(),
  /** `yes` makes every environment take its declared posture again. */
  reassert: z
    .enum(['yes'])
    .optional()
    .transform((word) => word === 'yes'),
  /** The side whose stacks are given up. */
  retire: z.enum(sides).optional(),
  /** A file with the record, for checks without an account. */
  record: z.string().optional(),
  settings: z.string().default('config/cobalt.yaml'),
});

/** Context that CDK itself puts there: feature flags and its own settings. */
const ofTheToolkit = /^(@aws-cdk[/-]|aws-cdk[:/-]|aws:cdk:|cli-|availability-zones:|tree-|path-|analytics)/;

/**
 * The words of a deploy, as `-c live=green -c access=testing` gives them.
 * @throws UsageError CONTEXT_INVALID for a word that is misspelt or has no such value.
 */
export function readContext(all: Record<string, unknown>): z.output<typeof shape> {
  const words = Object.fromEntries(Object.entries(all).filter(([key]) => !ofTheToolkit.test(key)));
  const parsed = shape.safeParse(words);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')} is no word of a deploy`
      : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw new UsageError('CONTEXT_INVALID', {
    so: `The context is wrong: ${faults.join('; ')}.`,
    changed: 'Nothing was changed.',
    next: 'Use -c live=blue|green, -c access=open|testing|frozen, -c reassert=yes, -c retire=blue|green, -c record=FILE or -c settings=FILE.',
  });
}
