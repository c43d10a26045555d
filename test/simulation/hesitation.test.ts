import type { Message } from '../../lib/runbook/messages';
import type { Operator } from '../../lib/runbook/operator';
import type { Ports } from '../../lib/upgrade/ports';
import { type Budget, budgetOf } from '../../lib/upgrade/run/budget';
import { whyNotByItself } from '../../lib/upgrade/run/failback-by-itself';
import type { RunInput } from '../../lib/upgrade/run/run';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { failback } from '../../lib/upgrade/runbooks/failback';
import { cobalt as settings } from '../support/upgrade';
import { Simulation } from './simulation';

jest.setTimeout(240_000);

/** A night in which people hesitate: at this gate they take so many minutes, or never answer. */
async function night(
  hesitate: { gate: string; minutes: number },
  given: Partial<RunInput>,
  see?: (ports: Ports) => Ports,
) {
  const simulation = await Simulation.open(settings);
  simulation.world.open(1);
  const told: Message[] = [];
  const checks: string[] = [];
  const operator: Operator = {
    tell: (message) => told.push(message),
    confirm: async ({ id }, { check }) => {
      if (id === hesitate.gate) await simulation.world.clock.sleep(hesitate.minutes * 60_000);
      checks.push(...check);
      return true;
    },
    stopped: new Promise(() => {}),
  };
  const run = async (
    make: typeof cutover | typeof failback,
    more: Partial<RunInput> = {},
    see: (ports: Ports) => Ports = (ports) => ports,
  ) => {
    const process = simulation.process();
    const ports = see(await simulation.while(simulation.ports(process)));
    const driven = simulation.drive(process, ports, make(ports), 'ada', { operator, ...more });
    const { report, error } = await simulation.while(driven);
    return { ports, report, error };
  };
  return { simulation, told, checks, run, ended: await run(cutover, given, see) };
}

const codes = (told: Message[], code: Message['code']) => told.filter((each) => each.code === code);

test('when nobody tests in time the night may be gone back from, and people are welcome on the old side', async () => {
  const { simulation, told, run, ended } = await night(
    { gate: 'test', minutes: 600 },
    { gateExpiryMinutes: 20 },
  );
  expect(ended.error).toMatchObject({ code: 'GATE_EXPIRED_BACK' });
  expect(codes(told, 'GATE_EXPIRED')).toHaveLength(1);
  expect(await simulation.while(whyNotByItself(ended.ports, ended.error))).toBeUndefined();
  const back = await run(failback);
  expect(back.error).toBeUndefined();
  expect(back.report.posture).toEqual({ live: settings.upgrade.from, access: 'open' });
  simulation.close();
});

test('people who test for too long are told once that the budget is over, and the new side is watched when it is open', async () => {
  const budget: Budget = await budgetOf({ settings, objects: { list: async () => [] } } as never, 60, true);
  const { simulation, told, checks, ended } = await night({ gate: 'test', minutes: 40 }, { budget });
  expect(ended.error).toBeUndefined();
  const [warned, ...again] = codes(told, 'BUDGET_EXCEEDED');
  expect(warned!.text).toContain('npm run cutover -- --call-off');
  expect(again).toEqual([]);
  expect(checks.filter((check) => check.includes('of 60 of the budget'))).toHaveLength(1);
  // The outage ended long before the watching did.
  const { outageMinutes, watchedMinutes, outage, finishedAt } = ended.report;
  expect(outageMinutes).toBeLessThan(45);
  expect(watchedMinutes).toBeGreaterThan(1);
  const openMinutes = (Date.parse(finishedAt!) - Date.parse(outage!.welcomedAt!)) / 60_000;
  expect(openMinutes).toBeGreaterThanOrEqual(settings.bakeMinutes);
  simulation.close();
});

test('an open side that is not well ends the command, which says what going back would lose; a person goes back', async () => {
  const severe = (ports: Ports): Ports => ({
    ...ports,
    environments: Object.assign(Object.create(ports.environments), {
      health: async () => ({ status: 'Severe', causes: ['7 % of the requests fail.'], failedPercent: 7 }),
    }),
  });
  const { simulation, run, ended } = await night({ gate: 'none', minutes: 0 }, {}, severe);
  expect(ended.error).toMatchObject({ code: 'BAKE_TROUBLED', exitCode: 4 });
  expect(String(ended.error)).toMatch(/\d+ rows would be lost .* is warm/);
  expect(ended.report).toMatchObject({ result: 'failed', outage: { welcomedAt: expect.any(String) } });
  const back = await run(failback);
  expect(back.error).toBeUndefined();
  expect(back.report.posture).toEqual({ live: settings.upgrade.from, access: 'open' });
  simulation.close();
});
