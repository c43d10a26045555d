import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../../lib/report/report';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { Typed } from '../support/typed';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

const reportOf = (stage: Stage) => path.join(path.dirname(stage.settingsFile), 'report.json');

/** Where the process is killed: in the middle of what takes long, and where nothing may happen twice. */
const moments = [
  /CobaltDoor: changing Doorblue/,
  /taking the snapshot \S+-from-/,
  /manage\.py migrate --noinput/,
  /▸ names/,
  /▸ open-door/,
];

test('a night that is killed and stopped again and again is one run, and ends as one that was left alone', async () => {
  const stage = await Stage.open(cobalt, { actors: true, durations: quick });
  try {
    await stage.deploy();
    const cutover = `npm run cutover -- --yes --report ${reportOf(stage)}`;
    const stopped = new Typed(stage, cutover);
    await stopped.says(/▸ scale-down/);
    const second = new Typed(stage, cutover);
    expect(await second.ended).toBe(5);
    expect(second.said).toMatch(/LOCK_HELD: .* holds the run .* since .*the last sign of life/);
    expect(await stopped.signal('SIGINT')).toBe(4);
    expect(stopped.said).toMatch(/STOPPED: The run was stopped/);
    for (const moment of moments) {
      const typed = new Typed(stage, cutover);
      await typed.says(moment);
      await typed.signal('SIGKILL');
    }
    const last = new Typed(stage, cutover);
    expect([await last.ended, last.said]).toEqual([0, last.said]);
    const report: Report = JSON.parse(readFileSync(reportOf(stage), 'utf8'));
    expect(report).toMatchObject({ result: 'done', posture: { live: 'green', access: 'open' } });
    expect(report.invariants.broken).toEqual([]);
    expect(report.steps.filter(({ state }) => !['done', 'proved', 'already'].includes(state))).toEqual([]);
    // The early one, and the one that was restored.
    expect(stage.happenings('snapshot.started')).toHaveLength(2);
    expect(stage.happenings('restore.started')).toHaveLength(1);
    await stage.sandbox.judge.settle();
    expect(stage.sandbox.judge.verdict()).toMatchObject({ broken: [], missing: [] });
  } finally {
    await stage.close();
  }
});
