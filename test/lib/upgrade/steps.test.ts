import { carryOut, type How, type Run } from '../../../lib/runbook/carry-out';
import type { Holder } from '../../../lib/runbook/holder';
import { openJournal } from '../../../lib/runbook/journal';
import type { Step } from '../../../lib/runbook/step';
import type { Store } from '../../../lib/runbook/store';
import { isBusy, isPassing } from '../../../lib/upgrade/passing';
import type { Ports } from '../../../lib/upgrade/ports';
import { cutover } from '../../../lib/upgrade/runbooks';
import { inProcess } from '../../support/night';
import { quick } from '../../support/quick';
import { Stage } from '../../support/stage';
import { cobalt, directions } from '../../support/upgrade';

jest.setTimeout(300_000);

const ids = cutover({ settings: cobalt } as Ports).steps.map(({ id }) => id);

class Crash extends Error {}

/** One step at a time, each in a process of its own as far as the journal knows, all of one run. */
class OneByOne {
  private processes = 0;

  private constructor(
    readonly stage: Stage,
    readonly ports: Ports,
    private readonly steps: Step[],
  ) {}

  static async open(settings: typeof cobalt): Promise<OneByOne> {
    const stage = await Stage.open(settings, { actors: true, durations: quick });
    await stage.deploy();
    const ports = await stage.ports();
    return new OneByOne(stage, ports, cutover(ports).steps);
  }

  step(id: string): Step {
    return this.steps.find((step) => step.id === id)!;
  }

  /** Carries a step out; it crashes right after the line that is so many lines from now. */
  async carryOut(id: string, crashAfterLine = Number.POSITIVE_INFINITY): Promise<How> {
    return carryOut(this.step(id), await this.process(crashAfterLine));
  }

  private async process(crashAfterLine: number): Promise<Run> {
    const { clock, objects } = this.ports;
    const by: Holder = { who: 'ada', host: 'laptop', pid: 1, token: `process-${++this.processes}` };
    let lines = 0;
    const store: Store = {
      read: (key) => objects.read(key),
      list: (prefix) => objects.list(prefix),
      write: async (key, text, expected) => {
        const tag = await objects.write(key, text, expected);
        if (++lines === crashAfterLine) throw new Crash();
        return tag;
      },
    };
    return {
      clock,
      journal: await openJournal(store, clock, 'a-run', by),
      lock: { check: async () => {} },
      operator: { tell: () => {}, confirm: async () => true, stopped: new Promise(() => {}) },
      happened: () => {},
      judged: async () => {},
      isPassing,
      isBusy,
    };
  }

  /** Whether all that the step should bring about is observed. */
  async holds(id: string): Promise<boolean> {
    for (const { look } of this.step(id).postconditions)
      if ((await look()).some(({ holds }) => !holds)) return false;
    return true;
  }
}

describe('from blue to green, with a crash after each line of the journal', () => {
  let night: OneByOne;
  beforeAll(async () => {
    night = await OneByOne.open(cobalt);
  });
  afterAll(() => night.stage.close());

  test.each(ids)('%s', async (id) => {
    const { act, past } = night.step(id);
    for (let line = 1; ; line++) {
      const how = await night.carryOut(id, line).catch((error) => {
        if (error instanceof Crash) return undefined;
        throw error;
      });
      if (how) break;
    }
    const beyond = (await past?.()) !== undefined;
    if (!beyond) expect(await night.holds(id)).toBe(true);
    // Again: nothing is done twice.
    expect(['already', 'proved']).toContain(await night.carryOut(id));
    if (!act || beyond) return;
    await act();
    expect(await night.holds(id)).toBe(true);
  });

  test('nothing was seen that must never be so', async () => {
    const { judge } = night.stage.sandbox;
    await judge.settle();
    expect(judge.verdict().broken).toEqual([]);
  });
});

describe('from green to blue, each step done by hand beforehand', () => {
  let night: OneByOne;
  beforeAll(async () => {
    night = await OneByOne.open(directions[1]![1]);
  });
  afterAll(() => night.stage.close());

  test.each(ids)('%s', async (id) => {
    const { act, byHand } = night.step(id);
    if (/^np[mx] /.test(byHand)) {
      const { code, said } = await inProcess(night.stage, byHand);
      expect([code, said]).toEqual([0, said]);
    }
    const how = await night.carryOut(id);
    if (act) expect(how).toBe('already');
  });
});
