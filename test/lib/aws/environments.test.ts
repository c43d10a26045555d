import { Clients } from '../../../lib/aws/clients';
import { BeanstalkEnvironments } from '../../../lib/aws/environments';
import type { Service } from '../../../sandbox/service';
import { answering, refuse, startAws, type TestAws } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

let aws: TestAws | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

async function clientsOf(...services: Service[]): Promise<Clients> {
  aws = await startAws(services);
  return new Clients(cobalt);
}

describe('environments', () => {
  const described = (Status: string, EnvironmentId: string) => ({
    EnvironmentName: 'web',
    EnvironmentId,
    Status,
    Health: 'Green',
    HealthStatus: 'Ok',
    CNAME: 'Web.ap-southeast-2.elasticbeanstalk.com',
    VersionLabel: 'v1',
    PlatformArn: 'arn:platform',
  });
  const beanstalk = (environments: object[], asked: unknown[] = []) =>
    answering('elasticbeanstalk', 'query', {
      DescribeEnvironments: ({ EnvironmentNames }: { EnvironmentNames: unknown }) => {
        asked.push(EnvironmentNames);
        return { Environments: { member: environments } };
      },
      DescribeEnvironmentResources: () => ({
        EnvironmentResources: {
          AutoScalingGroups: { member: [{ Name: 'awseb-web' }] },
          Instances: { member: [{ Id: 'i-1' }, { Id: 'i-2' }] },
        },
      }),
      DescribeConfigurationSettings: () => ({
        ConfigurationSettings: {
          member: [
            {
              DeploymentStatus: 'deployed',
              OptionSettings: {
                member: [
                  { Namespace: 'aws:autoscaling:asg', OptionName: 'MinSize', Value: '2' },
                  { Namespace: 'aws:autoscaling:asg', OptionName: 'Custom Availability Zones' },
                ],
              },
            },
          ],
        },
      }),
      UpdateEnvironment: notReady,
      RestartAppServer: notReady,
    });
  const notReady = () =>
    refuse(
      'InvalidParameterValue',
      'Environment named web is in an invalid state for this operation. Must be Ready.',
    );

  test('an environment comes with its options, group and instances', async () => {
    const clients = await clientsOf(
      beanstalk([described('Terminating', 'e-old'), described('Ready', 'e-new')]),
    );
    expect(await new BeanstalkEnvironments('cobalt', clients).find('web')).toEqual({
      name: 'web',
      id: 'e-new',
      status: 'Ready',
      health: 'Ok',
      cname: 'web.ap-southeast-2.elasticbeanstalk.com',
      versionLabel: 'v1',
      platformArn: 'arn:platform',
      autoScalingGroup: 'awseb-web',
      loadBalancers: [],
      instances: ['i-1', 'i-2'],
      options: { 'aws:autoscaling:asg:MinSize': '2' },
    });
  });

  test('environments that are looked for at once are described by one call, each for whoever asked', async () => {
    const asked: unknown[] = [];
    const named = (name: string) => ({ ...described('Ready', `e-${name}`), EnvironmentName: name });
    const clients = await clientsOf(beanstalk([named('web'), named('ses')], asked));
    const environments = new BeanstalkEnvironments('cobalt', clients);
    const found = await Promise.all(['web', 'ses', 'gone'].map((name) => environments.find(name)));
    expect(found.map((each) => each?.id)).toEqual(['e-web', 'e-ses', undefined]);
    expect((await environments.find('ses'))?.id).toBe('e-ses');
    expect(asked).toEqual([['web', 'ses', 'gone'], ['ses']]);
  });

  test('a terminated environment does not exist', async () => {
    const clients = await clientsOf(beanstalk([described('Terminated', 'e-old')]));
    expect(await new BeanstalkEnvironments('cobalt', clients).find('web')).toBeUndefined();
  });

  test('an environment that is not Ready has an error of its own', async () => {
    const environments = new BeanstalkEnvironments('cobalt', await clientsOf(beanstalk([])));
    const update = environments.update('web', [{ namespace: 'n', name: 'o', value: 'v' }]);
    await expect(update).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_READY', exitCode: 3 });
    const restart = environments.restart('web');
    await expect(restart).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_READY', exitCode: 3 });
  });

  test('options are set and removed in one update, and neither list is sent empty', async () => {
    const asked: object[] = [];
    const note = (input: object) => {
      asked.push(input);
    };
    const updating = answering('elasticbeanstalk', 'query', { UpdateEnvironment: note });
    const environments = new BeanstalkEnvironments('cobalt', await clientsOf(updating));
    const option = { namespace: 'n', name: 'o', value: 'v' };
    await environments.update('web', [option], [{ namespace: 'n', name: 'p' }]);
    await environments.update('web', [option]);
    await environments.update('web', [], [{ namespace: 'n', name: 'p' }]);
    const named = { ApplicationName: 'cobalt', EnvironmentName: 'web' };
    const OptionSettings = [{ Namespace: 'n', OptionName: 'o', Value: 'v' }];
    const OptionsToRemove = [{ Namespace: 'n', OptionName: 'p' }];
    expect(asked).toEqual([
      { ...named, OptionSettings, OptionsToRemove },
      { ...named, OptionSettings },
      { ...named, OptionsToRemove },
    ]);
  });
});
