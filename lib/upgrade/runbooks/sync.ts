import type { Ports } from '../ports';
import type { UpgradeRunbook } from '../run/upgrade-runbook';
import { fill, use } from '../steps/sync';
import { usedEvidence } from '../test-system/sync';

/** The page, Production, Upgrade, U9: what takes too long for the night, days later. */
export function syncRunbook(ports: Ports): UpgradeRunbook {
  return {
    name: 'sync',
    id: 'sync',
    title: 'Sync the live side',
    steps: [fill(ports), use(ports)],
    warnings: [],
    stands: async () => (await usedEvidence(ports)).every(({ holds }) => holds),
    ended: 'the application uses what was synced',
  };
}
