import type { DatabaseRecord, UpgradeRecord } from '../../lib/record';
import type { Settings } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { adoptImport, adoptSeal } from '../../lib/upgrade/runbooks/adopt';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { failback } from '../../lib/upgrade/runbooks/failback';
import { prep } from '../../lib/upgrade/runbooks/prep';
import { syncRunbook } from '../../lib/upgrade/runbooks/sync';
import { testSystem } from '../../lib/upgrade/runbooks/test-system';
import { tidyUp } from '../../lib/upgrade/runbooks/tidy-up';
import { originalDatabase } from '../rehearsal/world-before';

/** A runbook follows from settings and a record: to be written down it needs no AWS. */

/** In the order of their use. */
export async function writtenRunbooks(settings: Settings) {
  const asBefore = portsOf(settings, []);
  const { from } = settings.upgrade;
  const old: DatabaseRecord = {
    id: originalDatabase(settings),
    side: from,
    generation: 0,
    endpoint: 'its endpoint',
    migrated: true,
  };
  const cutoverAndBack: UpgradeRunbook[] = [cutover(asBefore), failback(asBefore)];
  const others: UpgradeRunbook[] = [
    adoptImport(asBefore),
    adoptSeal(asBefore),
    ...(settings.testSystem ? [await testSystem(asBefore)] : []),
    prep(asBefore),
    syncRunbook(asBefore),
    await tidyUp(portsOf(settings, [old])),
  ];
  return { cutoverAndBack, others };
}

/** That something would have to be asked of AWS. */
export class NotWritten extends Error {}

/** What is known without asking anybody. */
function portsOf(settings: Settings, databases: DatabaseRecord[]): Ports {
  const posture: UpgradeRecord['posture'] = {
    live: settings.upgrade.from,
    access: 'open',
    n: 1,
    served: {},
    spent: [],
  };
  const record = onlyKnown({
    read: async () => ({ posture, databases, versions: {} }),
    recorded: async () => ({ posture, databases }),
    readTestSystem: async () => undefined,
  });
  return onlyKnown({ settings, record }) as unknown as Ports;
}

function onlyKnown<Known extends object>(known: Known): Known {
  return new Proxy(known, {
    get: (target, name) => {
      if (name in target) return Reflect.get(target, name);
      throw new NotWritten(`${String(name)} is asked`);
    },
  });
}
