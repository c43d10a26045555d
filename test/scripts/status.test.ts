import { script } from '../../scripts/status';
import type { Given } from '../../scripts/terminal/command';
import { MemoryStore } from '../support/memory-store';
import { FakeWorld, fakePorts } from '../support/ports';
import { at, cobalt, readied } from '../support/upgrade';

const { from, to } = cobalt.upgrade;
const lost = cobalt.sides[from].environments.web!.name;

/** What is printed when the new side is open. */
async function printed(change: (world: FakeWorld) => void): Promise<string> {
  const world = new FakeWorld(cobalt, at(cobalt, { live: to, access: 'open' }, readied));
  change(world);
  const given = {
    options: {},
    ports: async () => ({ ...fakePorts(world), objects: new MemoryStore() }),
    say: () => {},
  };
  return script.print(await script.act(given as unknown as Given<object>));
}

test('an instance that a side at rest has lost is told with the command that replaces it', async () => {
  const said = await printed((world) => world.environments.get(lost)!.instances.splice(0));
  expect(said).toMatch(new RegExp(`${lost} +instances +1 +0`));
  expect(said).toContain(`To mend it: npm run jobs -- replace --side ${from}\n`);
});

test('cron that runs on a side at rest is told with the command that stops it', async () => {
  const said = await printed((world) => {
    for (const id of world.environments.get(lost)!.instances)
      world.instances.get(id)!.cron = { running: true, enabled: true };
  });
  expect(said).toContain(`To mend it: npm run jobs -- stop --side ${from}\n`);
});

test('what no command mends is told without one', async () => {
  const said = await printed((world) => {
    world.environments.get(lost)!.status = 'Updating';
  });
  expect(said).toMatch(new RegExp(`${lost} +status +Ready +Updating`));
  expect(said).not.toContain('To mend it');
});

test('nothing is to be mended where everything is as declared', async () => {
  const said = await printed(() => {});
  expect(said).toContain('Everything observed is as declared.');
  expect(said).not.toContain('To mend it');
});
