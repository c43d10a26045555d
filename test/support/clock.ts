import type { Clock } from '../../lib/runbook/clock';

/** A clock whose time and sleep a test plays; work and questions take none. */
export function playedClock(now: () => Date, sleep: (durationMs: number) => Promise<void>): Clock {
  return {
    now,
    sleep: async (durationMs, cut) => {
      await Promise.race([sleep(durationMs), ...(cut ? [cut] : [])]);
    },
    working: (work) => work(),
    asking: (question) => question(),
    workedMs: () => 0,
    secret: () => "a se'cret\\ of many letters",
  };
}
