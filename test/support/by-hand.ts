import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  ElasticBeanstalkClient,
  TerminateEnvironmentCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import {
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { parameterArn, parameterNames } from '../../lib/names';
import type { Settings } from '../../lib/settings';

const namespace = 'aws:elasticbeanstalk:application:environment';

/** What people do in AWS's consoles: no verb of the tool, no template. To be used while a stage is open. */
export class ByHand {
  private readonly beanstalk = new ElasticBeanstalkClient({});
  private readonly rds = new RDSClient({});
  private readonly ec2 = new EC2Client({});
  private readonly route53 = new Route53Client({});

  constructor(private readonly settings: Settings) {}

  /**
   * Sets variables of an environment, by value or by the name of the secret that holds the value, and waits until it
   * is Ready again.
   * @returns what its events call an error.
   */
  async set(
    environment: string,
    variables: Record<string, string>,
    secrets: Record<string, string> = {},
  ): Promise<string[]> {
    const arn = (name: string) => parameterArn(this.settings, parameterNames(this.settings).secret(name));
    const option =
      (Namespace: string) =>
      ([OptionName, Value]: [string, string]) => ({
        Namespace,
        OptionName,
        Value,
      });
    const { $metadata } = await this.beanstalk.send(
      new UpdateEnvironmentCommand({
        EnvironmentName: environment,
        OptionSettings: [
          ...Object.entries(variables).map(option(namespace)),
          ...Object.entries(secrets).map(([name, secret]) =>
            option(`${namespace}secrets`)([name, arn(secret)]),
          ),
        ],
      }),
    );
    await this.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [environment] }));
    const { Events } = await this.beanstalk.send(
      new DescribeEventsCommand({ EnvironmentName: environment, RequestId: $metadata.requestId }),
    );
    return (Events ?? []).filter(({ Severity }) => Severity === 'ERROR').map(({ Message }) => Message ?? '');
  }

  /** Removes variables that were set by value, and waits until the environment is Ready again. */
  async remove(environment: string, names: string[]): Promise<void> {
    await this.beanstalk.send(
      new UpdateEnvironmentCommand({
        EnvironmentName: environment,
        OptionsToRemove: names.map((OptionName) => ({ Namespace: namespace, OptionName })),
      }),
    );
    await this.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [environment] }));
  }

  /** Resolves once AWS has begun: what is committed from now on is not in it. */
  async beginSnapshot(database: string, snapshot: string): Promise<void> {
    await this.rds.send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: database, DBSnapshotIdentifier: snapshot }),
    );
  }

  async removeSnapshot(snapshot: string): Promise<void> {
    await this.rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: snapshot }));
  }

  /**
   * Puts a CNAME in the place of a name's alias.
   * @returns what puts the alias back.
   */
  async keep(name: string, target: string, TTL: number): Promise<() => Promise<void>> {
    const HostedZoneId = this.settings.zone.id;
    const { ResourceRecordSets = [] } = await this.route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId }),
    );
    const alias = ResourceRecordSets.find((set) => set.Name === `${name}.`)!;
    const cname = { Name: name, Type: 'CNAME' as const, TTL, ResourceRecords: [{ Value: target }] };
    const replace = async (before: ResourceRecordSet, after: ResourceRecordSet) => {
      const Changes = [
        { Action: 'DELETE' as const, ResourceRecordSet: before },
        { Action: 'CREATE' as const, ResourceRecordSet: after },
      ];
      const batch = new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } });
      const { ChangeInfo } = await this.route53.send(batch);
      await this.route53.send(new GetChangeCommand({ Id: ChangeInfo!.Id }));
    };
    await replace(alias, cname);
    return () => replace(cname, alias);
  }

  /** @returns the endpoint of the new database, which accepts connections. */
  async restore(snapshot: string, database: string): Promise<string> {
    await this.rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: snapshot }));
    await this.rds.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: database,
        DBSnapshotIdentifier: snapshot,
        DBInstanceClass: this.settings.database.instanceClass,
      }),
    );
    const { DBInstances } = await this.rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: database }),
    );
    return DBInstances![0]!.Endpoint!.Address!;
  }

  /** Points an environment at a database with the login that writes, as the page says. */
  point(environment: string, endpoint: string): Promise<string[]> {
    const { variables, database } = this.settings;
    const names = variables.database;
    return this.set(
      environment,
      {
        [names.host]: endpoint,
        [names.name]: database.name,
        [names.user]: database.writer.user,
      },
      { [names.password]: database.writer.secret },
    );
  }

  /** Takes an environment away with its load balancer, and waits until it is gone. */
  async terminateEnvironment(environment: string): Promise<void> {
    await this.beanstalk.send(new TerminateEnvironmentCommand({ EnvironmentName: environment }));
    await this.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [environment] }));
  }

  /** Ends a machine, as a fault of AWS's would. */
  async terminate(instance: string): Promise<void> {
    await this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
  }
}
