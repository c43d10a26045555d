import type { Step } from '../../../runbook/step';
import { fact } from '../../../runbook/step';
import { described, type FoundRecord, namesOfOld } from '../../retire/names-of-old';
import { condition } from '../night';
import { plainStep } from '../plain-step';
import { goodbye, mayGo, type TidyUp } from './steps';

/** T1: records by the old environments' own names, which somebody made in the zone. */
export function staleNames(tidyUp: TidyUp): Step {
  const { ports, side } = tidyUp;
  /** What the person was shown: nothing else is deleted. */
  let shown: FoundRecord[] | undefined;
  const stale = async () => (await namesOfOld(ports, side)).stale;
  return plainStep({
    id: 'stale-names',
    title: `Delete the DNS entries of ${side}'s own names`,
    seed: ['T1'],
    after: [],
    minutes: 1,
    calls: ['route53 ChangeResourceRecordSets'],
    touches: [side],
    byHand: 'Route 53, Hosted zones: delete the records by the names of the old environments',
    preconditions: [mayGo(tidyUp)],
    gate: async () => {
      shown = await stale();
      const [first] = shown;
      if (!first) return undefined;
      return goodbye(
        first.name,
        shown.map((record) => `The record ${described(record)} is deleted.`),
        ['Nobody uses these names.'],
      );
    },
    postconditions: [
      condition(`no record by a name of ${side}'s leads there`, async () => [
        fact('records left', (await stale()).map(described).join('; ') || 'none', 'none'),
      ]),
    ],
    act: async () => {
      const { zone } = ports.settings;
      await ports.names.removeExactly(zone.id, shown ?? (await stale()));
      return [];
    },
  });
}
