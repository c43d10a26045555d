import { DescribeEnvironmentsCommand } from '@aws-sdk/client-elastic-beanstalk';
import { type Rig, seedOf, startRig } from './support';

const name = 'cobalt-production-blue';
let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

const ask = (address: string, host = 'www.myabf.com.au') =>
  rig.eb.beanstalk.serve(address, { method: 'GET', path: '/', host, headers: {}, body: '' });

test('two environments have two addresses each, by either name', () => {
  const blue = rig.eb.seed(seedOf(name));
  const green = rig.eb.seed(seedOf('cobalt-production-green'));
  const addresses = [blue, green].flatMap((each) => rig.eb.beanstalk.addressesOf(each.cname));
  expect(new Set(addresses).size).toBe(4);
  expect(rig.eb.beanstalk.addressesOf(blue.loadBalancer.dnsName.toLowerCase())).toEqual(
    rig.eb.beanstalk.addressesOf(`${blue.cname}.`),
  );
});

test('the process that runs answers, and only to its own host names', async () => {
  const { loadBalancer } = rig.eb.seed(seedOf(name));
  const [address] = loadBalancer.addresses as [string];
  const answer = await ask(address);
  expect(JSON.parse(answer?.body ?? '')).toEqual({ color: 'blue', path: '/' });
  expect(await ask(address, 'evil.example')).toBeUndefined();
  expect(await ask('203.0.113.250')).toBeUndefined();
});

test('while the web server restarts there is a 502, without an instance a 503', async () => {
  const { loadBalancer, group } = rig.eb.seed(seedOf(name));
  const [address] = loadBalancer.addresses as [string];
  const instance = rig.eb.beanstalk.instances()[0]!;
  const killed = instance.web!;
  instance.end(killed);
  expect(await ask(address)).toMatchObject({ status: 502 });
  await rig.world.clock.skip(2_000);
  expect(await ask(address)).toMatchObject({ status: 200 });
  expect(instance.web!.pid).not.toBe(killed.pid);
  group.suspended.add('Launch');
  group.resize({ min: 0, max: 0, desired: 0 });
  expect(await ask(address)).toMatchObject({ status: 503 });
});

test('a killed worker is replaced by one with the same environment', () => {
  rig.eb.seed(seedOf(name));
  const instance = rig.eb.beanstalk.instances()[0]!;
  const worker = [...instance.processes.values()].find((each) => each !== instance.web)!;
  instance.end(worker);
  expect([...instance.processes.values()].map((each) => each.environ.COLOR)).toEqual([
    'blue',
    'blue',
    'blue',
  ]);
});

test('errors that visitors get make the environment Severe', async () => {
  const { loadBalancer } = rig.eb.seed(seedOf(name));
  const [address] = loadBalancer.addresses as [string];
  for (let visitor = 0; visitor < 20; visitor++) {
    rig.application.status = visitor % 2 ? 500 : 200;
    await ask(address);
  }
  rig.application.status = 200;
  const report = async () => {
    const answer = await rig.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [name] }));
    return answer.Environments?.[0]?.HealthStatus;
  };
  expect(await report()).toBe('Severe');
  await rig.world.clock.skip(5 * 60_000);
  expect(await report()).toBe('Ok');
});
