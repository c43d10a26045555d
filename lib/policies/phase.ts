/** What an operator may be allowed to do, each part by itself. */
export const phases = ['look', 'cutover', 'tidy-up', 'adopt', 'probe', 'test-system'] as const;
export type Phase = (typeof phases)[number];
