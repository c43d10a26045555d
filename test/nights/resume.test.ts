import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../../lib/report/report';
import { commandLine } from '../../scripts/rehearsal';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

/** A cutover in a process of its own, as a person types it. */
class Typed {
  said = '';
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(stage: Stage, words = '--yes') {
    const command = `npm run cutover -- ${words} --report ${reportOf(stage)}`;
    this.child = spawn(process.execPath, commandLine(command, stage.settingsFile), {
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** Resolves when it has said this, or has ended. */
  async says(words: RegExp): Promise<void> {
    let over = false;
    this.ended.then(() => {
      over = true;
    });
    while (!words.test(this.said) && !over) await new Promise((resolve) => setTimeout(resolve, 5));
    if (!words.test(this.said)) throw new Error(`It never said ${words}:\n${this.said}`);
  }

  signal(signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}

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
    const stopped = new Typed(stage);
    await stopped.says(/▸ scale-down/);
    const second = new Typed(stage);
    expect(await second.ended).toBe(5);
    expect(second.said).toMatch(/LOCK_HELD: .* holds the run .* since .*the last sign of life/);
    expect(await stopped.signal('SIGINT')).toBe(4);
    expect(stopped.said).toMatch(/STOPPED: The run was stopped/);
    for (const moment of moments) {
      const typed = new Typed(stage);
      await typed.says(moment);
      await typed.signal('SIGKILL');
    }
    const last = new Typed(stage);
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
