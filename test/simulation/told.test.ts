import { parameterNames } from '../../lib/names';
import { cobalt as settings } from '../support/upgrade';
import type { FaultKind } from './faults';
import { play } from './night';

const sending = 'Publish @ bake done';
const noting = 'PutObject runs/RUN/journal/LINE @ bake done';
const lookingUp = `GetParameter ${parameterNames(settings).webHook} @ begin`;

const cases: [FaultKind, string, number][] = [
  ['crash-before', sending, 1],
  ['crash-after', sending, 1],
  ['network-away', sending, 1],
  ['expired', sending, 1],
  ['throttled', noting, 3],
  ['throttled', lookingUp, 1],
];

test.each(cases)('people hear all of a cutover, though %s comes at %s', async (kind, key, nth) => {
  const faults = [{ kind, at: { key, nth } }];
  const { ended, met, broken } = await play({ settings, runbook: 'cutover', seed: 1, faults });
  expect({ ended, met, broken }).toEqual({ ended: 'done', met: 1, broken: [] });
});
