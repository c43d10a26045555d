import { snapshotsIn } from '../../../lib/synth/files';
import { readSnapshots, snapshotTexts } from '../../../lib/synth/snapshot';
import { noStacks } from '../../../lib/synth/stated';

const asWritten = (situations: Record<string, object>) =>
  snapshotTexts({ ...noStacks(), upgrade: { Stack: situations as never } })['upgrade/Stack.yaml'];

test('what is the same everywhere stands there once, and what is not below the situations that have it', () => {
  expect(
    asWritten({
      'blue/open': { Name: 'web', Size: '2', Rules: [] },
      'blue/frozen': { Name: 'web', Size: '1', Rules: ['closed'], Deny: { Keys: ['a'], Since: 1 } },
      'green/open': { Name: 'web', Size: '1', Rules: ['closed'], Deny: { Keys: ['a'], Since: 2 } },
    }),
  ).toBe(`Situations:
  - blue/open
  - blue/frozen
  - green/open
Name: web
Size:
  at blue/open: "2"
  at blue/frozen, green/open: "1"
Rules:
  at blue/open: []
  at blue/frozen, green/open:
    - closed
Deny:
  at blue/frozen, green/open:
    Keys:
      - a
    Since:
      at blue/frozen: 1
      at green/open: 2
`);
});

test('a text tells again what every stack is in every situation', () => {
  const stacks = {
    ...noStacks(),
    upgrade: {
      Always: { one: { A: 1 }, two: { A: { B: [{ C: 'on' }] } }, three: { A: null } },
      Sometimes: { two: { 'a b': 'yes', D: {} } },
    } as never,
  };
  expect(readSnapshots(snapshotTexts(stacks))).toEqual(stacks);
});

test('what is recorded is written again as it is read', () => {
  const texts = snapshotsIn('config/synth');
  expect(snapshotTexts(readSnapshots(texts))).toEqual(texts);
});
