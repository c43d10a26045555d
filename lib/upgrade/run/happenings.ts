import { outage } from '../../report/critical-path';
import type { Entry } from '../../runbook/entry';
import type { UpgradeRunbook } from './upgrade-runbook';

/** What people are told of, with the line of the journal that says it. */
export interface Happened {
  n: number;
  text: string;
}

type Told = Pick<UpgradeRunbook, 'name' | 'title' | 'steps' | 'ended'>;

/**
 * Pure: what of a run's journal people are told. Of steps they get the titles and of errors the codes; evidence may name
 * people, and stays where it is.
 */
export function happenings(run: string, runbook: Told, entries: Entry[]): Happened[] {
  const asked = new Set<string>();
  let isWelcome = false;
  let failed = false;
  return entries.flatMap((entry) => {
    const { n, at, event, step = '' } = entry;
    const title = `"${runbook.steps.find(({ id }) => id === step)?.title ?? step}"`;
    const happened = (what: string, next: string): Happened[] => [
      { n, text: `${runbook.title}: ${what} (${at.slice(11, 16)} UTC)\n${next}\nThe run is ${run}.` },
    ];
    if (event === 'run-started') return happened('it begins.', look);
    if (event === 'run-resumed') failed = false;
    if (answers.has(event)) asked.delete(step);
    if (event === 'gate-asked' || event === 'change-seen') {
      // A run that goes on asks what nobody has answered once more.
      if (asked.has(step)) return [];
      asked.add(step);
      const what = event === 'gate-asked' ? 'waits for a yes' : 'waits: somebody else changed something';
      return happened(`${title} ${what}.`, `Answer where npm run ${runbook.name} runs. ${look}`);
    }
    if (event === 'step-failed') {
      failed = true;
      return happened(`${title} failed${codeOf(entry.text)}.`, goOn(runbook));
    }
    if (event === 'run-stopped' && !failed)
      return happened(`it stopped${codeOf(entry.text)}.`, goOn(runbook));
    if (event === 'step-done' && step === outage.ends && !isWelcome) {
      isWelcome = true;
      return happened('ordinary visitors are welcome.', look);
    }
    if (event === 'run-finished') return happened(`done.${runbook.ended ? ` ${runbook.ended}.` : ''}`, look);
    if (event === 'run-called-off') return happened('it was called off.', look);
    return [];
  });
}

const answers = new Set<Entry['event']>([
  'gate-confirmed',
  'gate-declined',
  'gate-expired',
  'change-confirmed',
  'change-declined',
  'undone',
]);

const look = 'To look: npm run status';
const goOn = ({ name }: Told) => `To go on: npm run ${name}. ${look}`;

/** An error is written as its code and what is so; only the code names nobody. */
function codeOf(text: string | undefined): string {
  const code = /^([A-Z][A-Z_]+): /.exec(text ?? '')?.[1];
  return code ? ` (${code})` : '';
}
