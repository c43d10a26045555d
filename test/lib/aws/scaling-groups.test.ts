import { Clients } from '../../../lib/aws/clients';
import { AutoScalingGroups } from '../../../lib/aws/scaling-groups';
import type { Service } from '../../../sandbox/service';
import { answering, startAws, type TestAws } from '../../support/aws';
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

describe('Auto Scaling groups', () => {
  test('suspending nothing asks nothing, for to AWS an empty list means every process', async () => {
    const groups = new AutoScalingGroups(await clientsOf());
    await groups.suspend('awseb-web', []);
    await groups.resume('awseb-web', []);
    expect(aws!.calls).toEqual([]);
  });

  const instance = (InstanceId: string, LifecycleState: string) => ({ InstanceId, LifecycleState });

  test('tells what is suspended, every instance, and a group that is missing', async () => {
    const described = {
      AutoScalingGroupName: 'awseb-web',
      MinSize: 1,
      MaxSize: 4,
      SuspendedProcesses: { member: [{ ProcessName: 'Launch', SuspensionReason: 'by hand' }] },
      Instances: { member: [instance('i-1', 'InService'), instance('i-2', 'Terminating')] },
    };
    const autoscaling = answering('autoscaling', 'query', {
      DescribeAutoScalingGroups: ({
        AutoScalingGroupNames: [name],
      }: {
        AutoScalingGroupNames: string[];
      }) => ({
        AutoScalingGroups: { member: name === 'awseb-web' ? [described] : [] },
      }),
    });
    const groups = new AutoScalingGroups(await clientsOf(autoscaling));
    expect(await groups.suspended('awseb-web')).toEqual(['Launch']);
    expect(await groups.instances('awseb-web')).toEqual(['i-1', 'i-2']);
    expect(await groups.sizes('awseb-web')).toEqual({ min: 1, max: 4 });
    await expect(groups.suspended('awseb-x')).rejects.toMatchObject({ code: 'SCALING_GROUP_MISSING' });
  });

  test('a group is emptied by all of its sizes, and filled by its limits; an ended instance leaves them as they are', async () => {
    const asked: object[] = [];
    const note = (input: object) => {
      asked.push(input);
    };
    const groups = new AutoScalingGroups(
      await clientsOf(
        answering('autoscaling', 'query', {
          UpdateAutoScalingGroup: note,
          TerminateInstanceInAutoScalingGroup: note,
        }),
      ),
    );
    await groups.empty('awseb-web');
    await groups.resize('awseb-web', { min: 1, max: 4 });
    await groups.terminate('i-1');
    expect(asked).toEqual([
      { AutoScalingGroupName: 'awseb-web', MinSize: '0', MaxSize: '0', DesiredCapacity: '0' },
      { AutoScalingGroupName: 'awseb-web', MinSize: '1', MaxSize: '4' },
      { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: 'false' },
    ]);
  });
});
