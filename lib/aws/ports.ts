import { type Clock, wallClock } from '../runbook/clock';
import type { Settings } from '../settings';
import type { LocalCommands, Ports, Progress } from '../upgrade/ports';
import { S3Buckets } from './buckets';
import { BeanstalkCatalogue } from './catalogue';
import { AcmCertificates } from './certificates';
import { CloudFormationChangeSets } from './change-sets';
import { Clients } from './clients';
import { SigningCredentials } from './credentials';
import { RdsDatabases } from './databases';
import { ToolkitDeployments } from './deployments';
import { WebAcls } from './doors';
import { BeanstalkEnvironments } from './environments';
import { IamRoles } from './instance-roles';
import { Route53Names } from './names';
import { S3Objects } from './objects';
import { outsideFromVariables, Visitor } from './outside';
import { TopicAndWebHook } from './people';
import { RdsQuotas } from './quotas';
import { ParameterRecordStore } from './record';
import { RunCommand } from './run-command';
import { AutoScalingGroups } from './scaling-groups';
import { ParameterSecrets } from './secrets';
import { CloudFormationStacks } from './stacks';

/**
 * The world as AWS answers it, once it is sure that it is the account of the settings.
 * @throws PreconditionError WRONG_ACCOUNT, CREDENTIALS_MISSING, CREDENTIALS_EXPIRED, ENDPOINT_UNREACHABLE
 */
export async function awsPorts(
  settings: Settings,
  progress: Progress,
  clock: Clock = wallClock,
  localCommands: LocalCommands = none,
  clients: Clients = new Clients(settings, clock),
): Promise<Ports> {
  await clients.checkAccount();
  const scalingGroups = new AutoScalingGroups(clients);
  const commands = new RunCommand(settings, clock, progress, clients);
  return {
    settings,
    clock,
    progress,
    guardCalls: (guard) => clients.guardCalls(guard),
    databases: new RdsDatabases(clients),
    environments: new BeanstalkEnvironments(settings.application, clients),
    scalingGroups,
    instances: {
      run: (...given) => commands.run(...given),
      start: (...given) => commands.start(...given),
      ended: (begun) => commands.ended(begun),
      terminate: (instance) => scalingGroups.terminate(instance),
    },
    stacks: new CloudFormationStacks(clients),
    deployments: new ToolkitDeployments(settings, clock, progress, clients),
    objects: new S3Objects(settings, clients, clock),
    record: new ParameterRecordStore(settings, clients, clock),
    secrets: new ParameterSecrets(clients),
    names: new Route53Names(clients),
    outside: new Visitor(outsideFromVariables(), clock),
    doors: new WebAcls(clients),
    credentials: new SigningCredentials(clients),
    catalogue: new BeanstalkCatalogue(settings.application, clients),
    quotas: new RdsQuotas(clients),
    certificates: new AcmCertificates(clients),
    buckets: new S3Buckets(clients),
    changeSets: new CloudFormationChangeSets(clients, clock, settings),
    roles: new IamRoles(clients),
    people: new TopicAndWebHook(clients, settings, clock),
    localCommands,
  };
}

/** Whoever may not run programs of this machine's gives none. */
const none: LocalCommands = {
  run: ([program]) => Promise.reject(new Error(`Nothing was given to run ${program} with.`)),
};
