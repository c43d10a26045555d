import { noteWhatIsGone } from '../lib/upgrade/retire/final-snapshot';
import { requireMayRetire } from '../lib/upgrade/retire/may-retire';
import { isTidy, tidyUp } from '../lib/upgrade/runbooks/tidy-up';
import { main } from './terminal/command';
import { runbookScript } from './terminal/runbook-script';

export const script = runbookScript({
  name: 'tidy-up',
  description:
    'Takes away the side that the upgrade came from, with a final snapshot of each of its databases. Refuses until the new side has been open for tidyUp.afterDays days, no record of any zone leads to the old one, nobody has come there for 15 minutes, and the new side has its database. Each part is confirmed by the name of what goes.',
  before: async (ports) => {
    const { from } = ports.settings.upgrade;
    if (await isTidy(ports)) return;
    await requireMayRetire(ports, from);
    await noteWhatIsGone(ports, from);
  },
  runbook: tidyUp,
});

if (require.main === module) main(script);
