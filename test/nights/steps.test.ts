import { carryOut, type How, type Run } from '../../lib/runbook/carry-out';
import type { Holder } from '../../lib/runbook/holder';
import { openJournal } from '../../lib/runbook/journal';
import type { Step } from '../../lib/runbook/step';
import type { Store } from '../../lib/runbook/store';
import type { Ports } from '../../lib/upgrade/ports';
import { isBusy, isPassing } from '../../lib/upgrade/run/passing';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import type { SandboxOptions } from '../../sandbox/start';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { unwatched } from '../support/runbook';
import { Stage } from '../support/stage';
import { cobalt, directions } from '../support/upgrade';

jest.setTimeout(300_000);

const ids = cutover({ settings: cobalt } as Ports).steps.map(({ id }) => id);

class Crash extends Error {}

/** What only looks. */
const reading = /^\w+ (Describe|Get|List|Head|CheckDNS)/;
const changing = new Set([
  'stop-jobs',
  'start-jobs',
  'make-reader',
  'keep-blocked-emails',
  'empty-sessions',
  'put-back-blocked-emails',
  'manage',
]);
/** The journal, whatever a step does; a script, which is told by its name; a change set of the run's own put away. */
const ofTheRun = new Set(['s3 PutObject', 'ssm SendCommand', 'cloudformation DeleteChangeSet']);

/** One step at a time, each in a process of its own as far as the journal knows, all of one run. */
class OneByOne {
  private processes = 0;

  private constructor(
    readonly stage: Stage,
    readonly ports: Ports,
    private readonly steps: Step[],
    private readonly changes: string[],
  ) {}

  static async open(settings: typeof cobalt): Promise<OneByOne> {
    const changes: string[] = [];
    const onCall: SandboxOptions['onCall'] = ({ service, action }) => {
      const call = `${service} ${action}`;
      if (!reading.test(call) && !ofTheRun.has(call)) changes.push(call);
    };
    const stage = await Stage.open(settings, { actors: true, durations: quick, onCall });
    await stage.deploy();
    const { instances, ...others } = await stage.ports();
    const run: typeof instances.run = (instance, script, ...rest) => {
      if (changing.has(script)) changes.push(`on instance: ${script}`);
      return instances.run(instance, script, ...rest);
    };
    const terminate: typeof instances.terminate = (instance) => instances.terminate(instance);
    const ports = { ...others, instances: { ...instances, run, terminate } };
    return new OneByOne(stage, ports, cutover(ports).steps, changes);
  }

  /** The calls that changed something since this was asked last. */
  changed(): string[] {
    return [...new Set(this.changes.splice(0))];
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
      watch: unwatched,
      mends: async () => [],
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
    const { act, past, calls } = night.step(id);
    night.changed();
    for (let line = 1; ; line++) {
      const how = await night.carryOut(id, line).catch((error) => {
        if (error instanceof Crash) return undefined;
        throw error;
      });
      if (how) break;
    }
    expect(night.changed().filter((call) => !calls.includes(call))).toEqual([]);
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
    const { act, byHand, postconditions } = night.step(id);
    if (/^np[mx] /.test(byHand)) {
      const { code, said } = await inProcess(night.stage, byHand);
      expect([code, said]).toEqual([0, said]);
    }
    const how = await night.carryOut(id);
    // Of what cannot be seen afterwards the run's own act alone counts.
    if (act && postconditions.length > 0) expect(how).toBe('already');
  });
});
