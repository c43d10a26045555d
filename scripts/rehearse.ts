import { Option } from 'commander';
import type { Report } from '../lib/report/report';
import { reversed } from '../lib/reversed';
import type { Settings, Side } from '../lib/settings';
import { script as cutover } from './cutover';
import { startRehearsal } from './rehearsal/rehearsal';
import { type Lifecycle, lifecycleTold, rehearseLifecycle } from './rehearsal/rehearsed-lifecycle';
import { rehearseNight } from './rehearsal/rehearsed-night';
import { main, sideWord } from './terminal/command';
import { checkForeign, type Foreign } from './terminal/foreign';
import { portWord, watchOption, watchWords } from './terminal/watch';

interface Options extends Foreign {
  to?: Side;
  scenario: 'night' | 'lifecycle';
  watch?: number | true;
}

/** The settings as they are, or the other way round when the upgrade should go there. */
function towards(settings: Settings, to: Side | undefined): Settings {
  return to === undefined || to === settings.upgrade.to ? settings : reversed(settings);
}

main<Options, Report | Lifecycle>({
  name: 'rehearse',
  description:
    'Carries out the upgrade of the page in a sandbox on this machine: a real cdk deploy, then the runbook.',
  options: (command) =>
    command
      .option('--to <side>', 'the side to move to, if not that of the settings', sideWord)
      .addOption(
        new Option(
          '--scenario <name>',
          'the night alone, or everything from a production made by hand to the next upgrade',
        )
          .choices(['night', 'lifecycle'])
          .default('night'),
      )
      .option(...watchOption, portWord)
      .option('--application <dir>', "a checkout whose manage.py runs on the new side's instances")
      .option('--database <file>', 'a plain SQL or pg_dump file to load as the old side’s database'),
  speaks: true,
  act: async ({ options, settings, say }) => {
    const used = towards(settings, options.to);
    // What is wrong with them is said here, before anything is started.
    checkForeign(options, used);
    const isWhole = options.scenario === 'lifecycle';
    const rehearsal = await startRehearsal(used, options, say, isWhole ? 'by-hand' : 'before');
    try {
      const watch = watchWords(options.watch);
      return isWhole
        ? await rehearseLifecycle(rehearsal, used, watch)
        : await rehearseNight(rehearsal, used, { words: watch });
    } finally {
      await rehearsal.stop();
    }
  },
  print: (result) => ('sections' in result ? lifecycleTold(result) : cutover.print(result)),
});
