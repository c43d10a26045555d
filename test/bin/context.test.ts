import { readContext } from '../../bin/context';

test('the words of a deploy', () => {
  expect(readContext({ live: 'green', access: 'testing', reassert: 'yes' })).toEqual({
    live: 'green',
    access: 'testing',
    reassert: true,
    settings: 'config/cobalt.yaml',
  });
});

test("the toolkit's own context is left alone", () => {
  expect(
    readContext({
      '@aws-cdk/core:stackRelativeExports': true,
      'aws-cdk:enableDiffNoFail': true,
      'cli-telemetry': false,
    }),
  ).toEqual({
    reassert: false,
    settings: 'config/cobalt.yaml',
  });
});

test.each([
  [{ acces: 'open' }, 'acces is no word of a deploy'],
  [{ live: 'grene' }, 'live: '],
  [{ access: 'closed' }, 'access: '],
  [{ reassert: 'true' }, 'reassert: '],
])('refuses %p', (context, fault) => {
  expect(() => readContext(context)).toThrow(fault);
});
