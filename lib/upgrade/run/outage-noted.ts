import type { Journal } from '../../runbook/journal';
import type { MessageCode } from '../../runbook/messages';
import type { Ports } from '../ports';
import type { BudgetWatch } from './budget';
import type { UpgradeRunbook } from './upgrade-runbook';
import { watchVisitors } from './visitor-watch';

/** What an outage is noted with. */
export interface Noting {
  journal: Journal;
  tell(code: MessageCode, text: string): void;
  /** Held against it at every look. */
  budget: BudgetWatch | undefined;
}

/** Works while ordinary visitors are watched: the outage is theirs. */
export async function outageNoted(
  { ports, runbook }: { ports: Ports; runbook: UpgradeRunbook },
  { journal, tell, budget }: Noting,
  work: () => Promise<unknown>,
): Promise<void> {
  const { isOutage } = runbook;
  if (!isOutage) {
    await work();
    return;
  }
  const note = async (refused: boolean) => {
    const last = journal.entries.findLast(
      ({ event }) => event === 'visitor-refused' || event === 'visitor-welcomed',
    );
    if (refused === (last?.event === 'visitor-refused')) return;
    if (refused && !(await isOutage(journal.entries))) return;
    const text = refused ? 'Ordinary visitors are refused.' : 'Ordinary visitors are welcome.';
    tell(refused ? 'VISITORS_REFUSED' : 'VISITORS_WELCOMED', text);
    await journal.append({ event: refused ? 'visitor-refused' : 'visitor-welcomed', text });
  };
  const watch = watchVisitors(ports, async (refused) => {
    await note(refused);
    const text = budget?.look();
    if (text === undefined) return;
    tell('BUDGET_EXCEEDED', text);
    await journal.append({ event: 'budget-exceeded', text });
  });
  try {
    await work();
  } finally {
    await watch.stop();
  }
}
