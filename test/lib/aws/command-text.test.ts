import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { commandText, scriptsIn } from '../../../lib/aws/command-text';
import { anyText, tries } from '../../support/hostile';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'scripts-'));
  writeFileSync(path.join(folder, 'prelude.sh'), 'set -euo pipefail\n');
  writeFileSync(path.join(folder, 'echo.sh'), 'for word in "$@"; do printf "%s\\0" "$word"; done\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const words = fc.array(
  anyText.map((text) => text.replaceAll('\0', '')),
  { maxLength: 12 },
);

test('whatever the arguments are, bash reads them as they are', () => {
  const input = path.join(folder, 'sent');
  fc.assert(
    fc.property(words, (args) => {
      writeFileSync(input, commandText(scriptsIn(folder), 'echo', args));
      const ran = spawnSync('bash', [input], { encoding: 'utf8' });
      expect([ran.stderr, ran.status]).toEqual(['', 0]);
      expect(ran.stdout.split('\0').slice(0, -1)).toEqual(args);
    }),
    tries(60),
  );
});

test('none of them is a reference to a parameter, which Systems Manager would put in its place', () => {
  fc.assert(
    fc.property(words, (args) => expect(commandText(scriptsIn(folder), 'echo', args)).not.toContain('{{')),
    tries(500),
  );
});

test('nor is anything in the scripts', () => {
  const scripts = readdirSync('lib/on-instance');
  expect(scripts.length).toBeGreaterThan(20);
  for (const script of scripts)
    expect([script, readFileSync(path.join('lib/on-instance', script), 'utf8')]).not.toEqual([
      script,
      expect.stringContaining('{{'),
    ]);
});

test.each(['a\0b', '\ud800', 'x\udfffy'])('what would arrive as something else is refused: %j', (word) => {
  expect(() => commandText(scriptsIn(folder), 'echo', ['plain', word])).toThrow(
    expect.objectContaining({ code: 'ARGUMENT_UNFIT', exitCode: 2 }),
  );
});
