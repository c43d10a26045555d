import { Option } from 'commander';
import { UpgradeError } from '../lib/runbook/errors';
import { beforeCutover } from '../lib/upgrade/preflight/before-cutover';
import { budgetOf, outageGoesOn, requireWithin } from '../lib/upgrade/run/budget';
import { whyNotByItself } from '../lib/upgrade/run/failback-by-itself';
import { cutover } from '../lib/upgrade/runbooks/cutover';
import { failback } from '../lib/upgrade/runbooks/failback';
import { countWord, main, wordAgain } from './terminal/command';
import { driveAs, isModelled, runbookScript } from './terminal/runbook-script';

interface Options {
  callOff?: boolean;
  oneByOne?: boolean;
  failbackOn?: 'failure';
  accept?: string[];
  budget?: number;
}

export const script = runbookScript<Options>({
  name: 'cutover',
  description: 'Carries out the upgrade of the page, from wherever it stands, and proves every step.',
  options: (command) =>
    command
      .option('--call-off', 'take back what this run did, and open the old side again')
      .option(
        '--budget <minutes>',
        'begin only if the outage and a way back from its end fit into so many minutes, and tell when they do not any more',
        countWord,
      )
      .option('--one-by-one', 'carry the steps out one after another, none beside another')
      .option('--accept <check>', 'begin although this check of preflight fails, again for each', wordAgain)
      .addOption(
        new Option(
          '--failback-on <event>',
          'go back by itself when a step fails in the outage, if nothing that people did would be lost',
        ).choices(['failure']),
      ),
  gatesExpire: true,
  driving: async (ports, { callOff, budget: minutes }) => {
    if (callOff || minutes === undefined) return {};
    const budget = await budgetOf(ports, minutes, isModelled());
    // Of an outage that goes on it is only told.
    if (!(await outageGoesOn(ports))) requireWithin(budget);
    return { budget };
  },
  before: async (ports, { callOff, accept }) => {
    if (!callOff) await beforeCutover(ports, accept);
  },
  runbook: cutover,
  callOff: ({ callOff = false }) => callOff,
  after: async ({ error }, { ports, operator, options }) => {
    const isExpired = error instanceof UpgradeError && error.code === 'GATE_EXPIRED_BACK';
    if (!error || (options.failbackOn !== 'failure' && !isExpired)) return;
    const tell = (text: string) => operator.tell({ code: 'WARNING', at: ports.clock.now(), text });
    const whyNot = await whyNotByItself(ports, error);
    if (whyNot) {
      tell(`It does not go back by itself: ${whyNot}`);
      return;
    }
    tell(
      `It goes back by itself: nothing that people did would be lost (${isExpired ? '--gate-expiry' : '--failback-on failure'}).`,
    );
    // Whoever typed the option said yes; what is lost needs a word, which nobody gives here.
    const confirm = async (_: unknown, { word }: { word?: string }) => word === undefined;
    const { error: failure } = await driveAs(ports, failback(ports), { ...operator, confirm });
    tell(
      failure ? `It did not get back: ${String(failure)}` : `${ports.settings.upgrade.from} is open again.`,
    );
  },
});

if (require.main === module) main(script);
