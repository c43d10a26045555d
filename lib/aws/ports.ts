import { wallClock } from '../runbook/clock';
import type { Settings } from '../settings';
import type { Ports, Progress } from '../upgrade/ports';
import { Clients } from './clients';
import { RdsDatabases } from './databases';
import { BeanstalkEnvironments } from './environments';
import { Route53Names } from './names';
import { outsideFromVariables, Visitor } from './outside';
import { ParameterRecordStore } from './record';
import { RunCommand } from './run-command';
import { AutoScalingGroups } from './scaling-groups';
import { ParameterSecrets } from './secrets';
import { CloudFormationStacks } from './stacks';

/**
 * The world as AWS answers it, once it is sure that it is the account of the settings.
 * @throws PreconditionError WRONG_ACCOUNT, CREDENTIALS_MISSING, CREDENTIALS_EXPIRED, ENDPOINT_UNREACHABLE
 */
export async function awsPorts(settings: Settings, progress: Progress): Promise<Ports> {
  const clients = new Clients(settings);
  await clients.checkAccount();
  return {
    settings,
    clock: wallClock,
    progress,
    databases: new RdsDatabases(clients),
    environments: new BeanstalkEnvironments(settings.application, clients),
    scalingGroups: new AutoScalingGroups(clients),
    instances: new RunCommand(settings, wallClock, progress, clients),
    stacks: new CloudFormationStacks(clients),
    record: new ParameterRecordStore(settings, clients),
    secrets: new ParameterSecrets(clients),
    names: new Route53Names(clients),
    outside: new Visitor(outsideFromVariables()),
  };
}
