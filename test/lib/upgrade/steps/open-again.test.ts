import { UpgradeError } from '../../../../lib/runbook/errors';
import { drive } from '../../../../lib/upgrade/run/run';
import { cutover } from '../../../../lib/upgrade/runbooks/cutover';
import { fenceByForce } from '../../../../lib/upgrade/side/fence-by-force';
import { Simulation } from '../../../simulation/simulation';
import { cobalt } from '../../../support/upgrade';

const { from, to } = cobalt.upgrade;

/** A night whose process is killed when it begins to migrate, with the stack of the new side failed. */
let night: Simulation;
beforeAll(async () => {
  night = await Simulation.open(cobalt);
  const process = night.process();
  night.onTold = ({ code, step }) => {
    if (code === 'STEP_STARTED' && step === 'migrate') process.kill();
  };
  const ports = await night.while(night.ports(process));
  await night.while(Promise.race([night.drive(process, ports, cutover(ports)), process.end]));
  night.world.cloudFormation.stacks.get('CobaltGreen').status = 'UPDATE_ROLLBACK_FAILED';
});
afterAll(() => night.close());

const portsOfAnother = () => night.while(night.ports(night.process()));

/** What `npm run cutover -- --call-off` ends with, typed on another laptop. */
async function calledOff(): Promise<UpgradeError | undefined> {
  await night.pass(2);
  const ports = await portsOfAnother();
  const { error } = await night.while(
    drive({
      ports,
      runbook: cutover(ports),
      operator: { tell: () => {}, confirm: async () => true, stopped: new Promise(() => {}) },
      driver: { who: 'ben', host: 'desk', pid: 99 },
      alive: () => undefined,
      modelled: true,
      callOff: true,
    }),
  );
  if (error !== undefined && !(error instanceof UpgradeError)) throw error;
  return error;
}

const posture = async () => (await night.while((await portsOfAnother()).record.read())).posture;

test('calling off opens the old side though the new one cannot be fenced, and says so', async () => {
  const error = await calledOff();
  expect(error).toMatchObject({ code: 'STACK_FAILED', exitCode: 4 });
  expect(error!.text.changed).toMatch(
    new RegExp(`^${from} is open again, without its jobs yet; ${to} is not fenced, but its door is closed`),
  );
  expect(error!.text.next).toContain('npm run fence');
  expect(await posture()).toMatchObject({ live: from, access: 'open' });
});

test('once that was fenced by force, the same command goes on to its end', async () => {
  await night.while(fenceByForce(await portsOfAnother(), to));
  expect(await calledOff()).toBeUndefined();
  expect(await posture()).toMatchObject({ live: from, access: 'open' });
  const { broken } = night.world.judge.verdict();
  expect(broken).toEqual([]);
});
