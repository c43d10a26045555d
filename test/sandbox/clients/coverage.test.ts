import { readFileSync } from 'node:fs';
import path from 'node:path';
import { coverage } from '../../../sandbox/coverage';
import { defaultDurations, defaultSwitches } from '../../../sandbox/world';

const page = readFileSync(path.join(__dirname, '../../../docs/sandbox.md'), 'utf8');

test('docs/sandbox.md holds what npm run sandbox -- --coverage prints', () => {
  const [, stated] = /<!-- coverage -->\n(.*)\n<!-- end of coverage -->/s.exec(page)!;
  expect(stated!.trim()).toBe(coverage().trim());
});

test('docs/sandbox.md tells every duration and its default', () => {
  const row = /^\| (`\w+Ms`(?:, `\w+Ms`)*) \| ([\d, ]+) \|/gm;
  const stated = [...page.matchAll(row)].flatMap(([, names, values]) =>
    names!.split(', ').map((name, index) => [name.replaceAll('`', ''), Number(values!.split(', ')[index])]),
  );
  expect(Object.fromEntries(stated)).toEqual(defaultDurations);
});

test('docs/sandbox.md tells every switch and its default', () => {
  const stated = [...page.matchAll(/^\| `(\w+)` \| `(\w+)`:/gm)].map(([, name, value]) => [name, value]);
  expect(Object.fromEntries(stated)).toEqual(
    Object.fromEntries(Object.entries(defaultSwitches).map(([name, value]) => [name, String(value)])),
  );
});
