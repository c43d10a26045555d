import { drive } from '../../../lib/upgrade/run/run';
import { cutover } from '../../../lib/upgrade/runbooks/cutover';
import type { TerminalOperator } from '../../../scripts/terminal/terminal-operator';
import { watched } from '../../../scripts/terminal/watch';
import { quick } from '../../support/quick';
import { Stage } from '../../support/stage';
import { cobalt } from '../../support/upgrade';

jest.setTimeout(300_000);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(cobalt, { actors: true, durations: quick });
  await stage.deploy();
});
afterAll(() => stage.close());

const port = 42_071;
const page = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();

test('the question before the outage stands on the page while it is asked, and its end when somebody said no', async () => {
  const ports = await stage.ports();
  let atTheGate = '';
  const person: TerminalOperator = {
    tell: () => {},
    confirm: async () => {
      atTheGate = await page();
      return false;
    },
    stopped: new Promise(() => {}),
    follow: () => {},
    end: () => {},
  };
  const { operator, end } = await watched(person, { port, title: 'npm run cutover', clock: ports.clock });
  expect(await page()).toContain('No run goes on yet');
  const driver = { who: 'ada', host: 'laptop', pid: process.pid };
  const { follow } = operator;
  const input = { ports, runbook: cutover(ports), operator, driver, alive: () => false, modelled: true };
  await drive({ ...input, callOff: false, follow });
  expect(atTheGate).toContain('A person is asked, at the terminal');
  expect(atTheGate).toContain('<h2 id="asked-title">Begin the outage <code>begin</code></h2>');
  expect(atTheGate).toMatch(/What will happen<\/h3><ul><li>.*visitors.*What to check<\/h3><ul><li>/s);
  expect(atTheGate).toMatch(/To welcome<\/dt><dd>\d+ min/);
  const after = await page();
  expect(after).toContain('◌ stopped');
  expect(after).not.toContain('A person is asked');
  await end();
  await expect(page()).rejects.toThrow();
});
