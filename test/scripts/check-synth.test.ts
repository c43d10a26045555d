import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { snapshotsIn } from '../../lib/synth/files';
import { script } from '../../scripts/check-synth';
import { runScript } from '../../scripts/terminal/command';

const recorded = 'config/synth';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'synth-'));
  cpSync(recorded, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

async function check(...words: string[]) {
  let said = '';
  const stream = { write: (text: string) => (said += text) };
  const code = await runScript(script, ['--folder', folder, ...words], { stdout: stream, stderr: stream });
  return { code, said };
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(folder, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(path.join(folder, file), text.replaceAll(from, to));
}

const accept = (entry: object) =>
  writeFileSync(path.join(folder, 'accepted-changes.yaml'), JSON.stringify([entry]));

const snapshot = 'cobalt-production-green-from-production-blue';
const ofTheSnapshot = {
  stack: 'CobaltDatabaseGreen',
  resource: 'DatabaseB269D8BB',
  property: 'DBSnapshotIdentifier',
  from: 'earlier',
  to: snapshot,
};

test('a change that costs a database is refused with --update too, and nothing is recorded', async () => {
  change('upgrade/CobaltDatabaseGreen.yaml', snapshot, 'earlier');
  change('upgrade/CobaltBlue.yaml', 'MAINTENANCE_MODE', 'MAINTENANCE');
  const before = snapshotsIn(folder);
  const { code, said } = await check('--update', '--comment', path.join(folder, 'comment.md'));
  expect([code, said]).toEqual([3, expect.stringContaining('Nothing was recorded.')]);
  expect(said).toContain('✗ CobaltDatabaseGreen DatabaseB269D8BB DBSnapshotIdentifier');
  expect(snapshotsIn(folder)).toEqual(before);
  expect(readFileSync(path.join(folder, 'comment.md'), 'utf8')).toContain('**Refused:**');
});

test('one that somebody accepted is recorded, and told with its reason', async () => {
  change('upgrade/CobaltDatabaseGreen.yaml', snapshot, 'earlier');
  accept({ ...ofTheSnapshot, reason: 'No account has this stack yet.' });
  const { code, said } = await check('--update');
  expect([code, said]).toEqual([0, expect.stringContaining('Recorded: upgrade/CobaltDatabaseGreen.yaml.')]);
  expect(said).toContain('No account has this stack yet.');
  expect(snapshotsIn(folder)).toEqual(snapshotsIn(recorded));
});

test('a change of another kind is shown, and fails until it is recorded', async () => {
  change('upgrade/CobaltBlue.yaml', 'at prepared, blue/open: "2"', 'at prepared, blue/open: "3"');
  const { code, said } = await check();
  expect([code, said]).toEqual([3, expect.stringContaining('Not as recorded: upgrade/CobaltBlue.yaml.')]);
  expect(said).toMatch(/MinSize:\n.*\[-\] 3\n.*\[\+\] 2/);
});

test('a change is accepted by nobody who does not say why', async () => {
  accept({ ...ofTheSnapshot, reason: '' });
  const { code, said } = await check();
  expect([code, said]).toEqual([2, expect.stringContaining('0/reason: say why')]);
});

test('without a record there is nothing to synthesise from', async () => {
  rmSync(path.join(folder, 'reversed.json'));
  const { code, said } = await check();
  expect([code, said]).toEqual([2, expect.stringContaining('reversed.json cannot be used')]);
});
