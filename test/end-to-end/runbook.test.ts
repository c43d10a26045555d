import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parameterNames } from '../../lib/names';
import type { Report } from '../../lib/report/report';
import { readJournal } from '../../lib/runbook/journal';
import { commandLine } from '../../scripts/rehearsal/rehearsal';
import { type Outcome, run, spawned } from '../support/night';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

/** The night as a person types it, with the page's own durations. */
describe('the night from blue to green, by npm run cutover', () => {
  let stage: Stage;
  let night: Outcome;
  let report: Report;
  const typed = () => {
    const file = path.join(path.dirname(stage.settingsFile), 'report.json');
    return run(commandLine(`npm run cutover -- --yes --report ${file}`, stage.settingsFile));
  };

  beforeAll(async () => {
    stage = await Stage.open(cobalt, { actors: true });
    const built = await spawned(stage, 'npx cdk deploy --all');
    expect([built.code, built.said]).toEqual([0, built.said]);
    const file = path.join(path.dirname(stage.settingsFile), 'report.json');
    night = await typed();
    expect([night.code, night.said]).toEqual([0, night.said]);
    report = JSON.parse(readFileSync(file, 'utf8'));
  });
  afterAll(() => stage.close());

  test('every step of the page is done and proved', () => {
    const seeds = new Set(report.steps.flatMap(({ seed }) => seed));
    for (let number = 1; number <= 17; number++) expect(seeds).toContain(`U${number}`);
    for (const { id, state, evidence } of report.steps) {
      expect([id, ['done', 'already', 'proved'].includes(state)]).toEqual([id, true]);
      expect([id, evidence.filter(({ holds }) => !holds)]).toEqual([id, []]);
    }
    expect(report).toMatchObject({ result: 'done', posture: { live: 'green', access: 'open' } });
  });

  test('its outage is that of the visitors, and is called modelled', () => {
    const outage = stage.sandbox.judge.verdict().outage!;
    const seenMinutes = (outage.untilMs! - outage.fromMs) / 60_000;
    // Visitors come when they come, the run asks every ten seconds.
    expect(Math.abs(seenMinutes - report.outageMinutes!)).toBeLessThan(2);
    expect(report.outageMinutes).toBeLessThan(report.pageOutageMinutes!);
    expect(report.minutesAre).toBe('modelled');
  });

  test('nothing was seen from outside or from inside that must never be so', async () => {
    expect(report.invariants.checked).toBeGreaterThan(100);
    expect(report.invariants.broken).toEqual([]);
    await stage.sandbox.judge.settle();
    expect(stage.sandbox.judge.verdict()).toMatchObject({ broken: [], missing: [] });
  });

  test('it tells what happens, and not how it looks', () => {
    expect(night.said).toContain('▸ freeze');
    expect(night.said).not.toMatch(/: command [0-9a-f-]{36}|asking for the record/);
  });

  test('the report warns of the mail events that are lost', () => {
    expect(report.warnings.join(' ')).toMatch(/ses\.myabf\.com\.au refuses the events of e-mail/);
  });

  test('its journal replays to the report, and neither holds a secret', async () => {
    const { objects } = await stage.ports();
    const entries = await readJournal(objects, report.run);
    expect(entries.at(0)).toMatchObject({ event: 'run-started', n: 1 });
    // Whoever is not at the terminal is told that it is over when it is.
    expect(entries.slice(-2).map(({ event }) => event)).toEqual(['run-finished', 'people-told']);
    expect((await objects.read(`runs/${report.run}/report.json`))?.text).toBe(
      `${JSON.stringify(report, undefined, 2)}\n`,
    );
    const secrets = parameterNames(cobalt);
    const values = [
      ...cobalt.variables.payments,
      cobalt.database.writer.secret,
      cobalt.database.reader.secret,
    ].map((name) => stage.sandbox.world.parameters.read(secrets.secret(name))!.value);
    const written = JSON.stringify(entries) + JSON.stringify(report) + night.said;
    for (const value of values) expect(written).not.toContain(value);
  });

  test('afterwards a plain deploy changes nothing, and the same command does nothing more', async () => {
    const plain = await spawned(stage, 'npx cdk deploy --all');
    expect([plain.code, plain.said]).toEqual([0, plain.said]);
    const stacks = plain.said.match(/✅ {2}\w+.*/g) ?? [];
    expect(stacks).toHaveLength(7);
    expect(stacks.filter((line) => !line.includes('(no changes)'))).toEqual([]);
    const again = await typed();
    expect([again.code, again.said]).toEqual([0, again.said]);
    expect(again.said).not.toContain('▸');
    expect(again.said).toContain('Cut over from blue to green: done already. green is open since');
    expect(again.said).not.toContain('begins');
  });
});
