import { cobalt as settings } from '../support/upgrade';
import type { FaultKind } from './faults';
import { type Outcome, play } from './night';
import { unnamed } from './rollbacks';

/** A cutover in which the first change of the old side's stack fails, and what then becomes of it. */
function freezing(kind: FaultKind): Promise<Outcome> {
  const at = { question: 'CreateChangeSet CobaltBlue', nth: 1 };
  return play({ settings, runbook: 'cutover', seed: 1, faults: [{ kind, at }] });
}

test('a side that loses and takes no change is fenced by the very command of the error; that its rollback goes on later arms nobody', async () => {
  const { ended, errors, broken } = await freezing('rollback-goes-on');
  expect({ ended, broken }).toEqual({ ended: 'done', broken: [] });
  const [failed, ...others] = errors;
  expect(failed).toMatch(/STACK_FAILED: The stack CobaltBlue is UPDATE_ROLLBACK_FAILED/);
  expect(failed).toContain('npm run fence -- --side blue --confirm cobalt-production-blue');
  expect(others).toEqual([]);
});

describe('a rollback by somebody else', () => {
  const begun = [{ stack: 'CobaltBlue', atMs: 1_000 }];
  const acts = { atMs: 200_000, text: 'Move the names', code: 'STEP_STARTED' } as const;

  test.each([
    ['is broken by another act in silence', [acts], 1],
    [
      'is named by a change',
      [{ atMs: 9_000, text: 'the stack CobaltBlue: ..., UPDATE_ROLLBACK_COMPLETE now' }, acts],
      0,
    ],
    [
      'is named too late by what was told before it',
      [{ atMs: 500, text: 'CobaltBlue was rolled back' }, acts],
      1,
    ],
    [
      'is named not by that of another stack',
      [{ atMs: 9_000, text: 'CobaltGreen was rolled back' }, acts],
      1,
    ],
    ['needs no name when nothing goes on', [], 0],
  ])('%s', (_, told, silent) => {
    expect(unnamed(begun, told)).toHaveLength(silent);
  });
});
