import type { Ports } from '../ports';
import { fill, use } from '../steps/sync';
import { usedEvidence } from '../sync';
import type { UpgradeRunbook } from '../upgrade-runbook';

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
