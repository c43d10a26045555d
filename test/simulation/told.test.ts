import { cobalt as settings } from '../support/upgrade';
import type { FaultKind } from './faults';
import { play } from './night';

const kinds: FaultKind[] = ['crash-before', 'crash-after', 'network-away', 'expired'];

test.each(kinds)('people hear that a cutover is done, though %s comes while they are told', async (kind) => {
  const at = { key: 'Publish @ bake done', nth: 1 };
  const { ended, met, broken } = await play({
    settings,
    runbook: 'cutover',
    seed: 1,
    faults: [{ kind, at }],
  });
  expect({ ended, met, broken }).toEqual({ ended: 'done', met: 1, broken: [] });
});
