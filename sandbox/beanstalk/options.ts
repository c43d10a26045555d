/**
 * The options an environment has, as far as the sandbox knows them.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
 */

/**
 * What a changed option does. `none`: nothing on the instances. `group`: the Auto Scaling group's size.
 * `deploy`: the processes are started again. `replace`: the instances are replaced. `fixed`: it cannot change.
 */
export type Effect = 'none' | 'group' | 'deploy' | 'replace' | 'fixed';

export interface Rule {
  effect: Effect;
  default?: string;
  allowed: RegExp;
}

const any = /^[\s\S]*$/;
const yesNo = /^(true|false)$/i;
const count = /^\d+$/;
/** More machines than any environment here has reason to have; each is a folder and processes of this computer. */
export const mostInstances = 20;
const fewInstances = /^(1?\d|20)$/;
/** A comma-separated list of ids that begin with the word. */
const ids = (word: string) => new RegExp(`^(${word}-[0-9a-z]+(,\\s*${word}-[0-9a-z]+)*)?$`);

function rule(effect: Effect, allowed: RegExp, fallback?: string): Rule {
  return { effect, allowed, default: fallback };
}

const listener: Record<string, Rule> = {
  ListenerEnabled: rule('none', yesNo, 'true'),
  Protocol: rule('none', /^(HTTP|HTTPS)$/, 'HTTP'),
  SSLCertificateArns: rule('none', /^(arn:aws:acm:\S+)?$/),
  SSLPolicy: rule('none', any),
  DefaultProcess: rule('none', /^default$/, 'default'),
};

const table: Record<string, Record<string, Rule>> = {
  'aws:elasticbeanstalk:environment': {
    EnvironmentType: rule('fixed', /^LoadBalanced$/, 'LoadBalanced'),
    LoadBalancerType: rule('fixed', /^application$/, 'classic'),
    LoadBalancerIsShared: rule('fixed', /^false$/, 'false'),
    ServiceRole: rule('none', any),
  },
  'aws:elasticbeanstalk:environment:process:default': {
    DeregistrationDelay: rule('none', count, '20'),
    HealthCheckInterval: rule('none', count, '15'),
    HealthCheckPath: rule('none', /^\//, '/'),
    HealthCheckTimeout: rule('none', count, '5'),
    HealthyThresholdCount: rule('none', count, '3'),
    MatcherHTTPCode: rule('none', /^((\d{3}(-\d{3})?)|(\d{3}(,\d{3})*))$/, '200'),
    Port: rule('none', count, '80'),
    Protocol: rule('none', /^HTTP$/, 'HTTP'),
    StickinessEnabled: rule('none', yesNo, 'false'),
    StickinessLBCookieDuration: rule('none', count, '86400'),
    StickinessType: rule('none', /^lb_cookie$/, 'lb_cookie'),
    UnhealthyThresholdCount: rule('none', count, '5'),
  },
  'aws:elasticbeanstalk:healthreporting:system': {
    SystemType: rule('none', /^(basic|enhanced)$/, 'basic'),
    HealthCheckSuccessThreshold: rule('none', /^(Ok|Warning|Degraded|Severe)$/, 'Ok'),
    EnhancedHealthAuthEnabled: rule('none', yesNo, 'true'),
  },
  'aws:elasticbeanstalk:command': {
    DeploymentPolicy: rule('none', /^(AllAtOnce|Rolling)$/, 'AllAtOnce'),
    Timeout: rule('none', count, '600'),
    BatchSizeType: rule('none', /^(Percentage|Fixed)$/, 'Percentage'),
    BatchSize: rule('none', count, '100'),
    IgnoreHealthCheck: rule('none', yesNo, 'false'),
  },
  'aws:elasticbeanstalk:managedactions': {
    ManagedActionsEnabled: rule('none', yesNo, 'false'),
    PreferredStartTime: rule('none', any),
    ServiceRoleForManagedUpdates: rule('none', any),
  },
  'aws:elasticbeanstalk:managedactions:platformupdate': {
    UpdateLevel: rule('none', /^(patch|minor)$/),
    InstanceRefreshEnabled: rule('none', yesNo, 'false'),
  },
  'aws:elasticbeanstalk:application': { 'Application Healthcheck URL': rule('none', any, '') },
  'aws:elasticbeanstalk:cloudwatch:logs': {
    StreamLogs: rule('none', yesNo, 'false'),
    DeleteOnTerminate: rule('none', yesNo, 'false'),
    RetentionInDays: rule('none', count, '7'),
  },
  'aws:elasticbeanstalk:cloudwatch:logs:health': {
    HealthStreamingEnabled: rule('none', yesNo, 'false'),
    DeleteOnTerminate: rule('none', yesNo, 'false'),
    RetentionInDays: rule('none', count, '7'),
  },
  'aws:elasticbeanstalk:hostmanager': { LogPublicationControl: rule('none', yesNo, 'false') },
  'aws:elasticbeanstalk:container:python': { WSGIPath: rule('deploy', any, 'application') },
  'aws:elasticbeanstalk:environment:proxy': { ProxyServer: rule('deploy', /^nginx$/, 'nginx') },
  'aws:autoscaling:asg': {
    MinSize: rule('group', fewInstances, '1'),
    MaxSize: rule('group', fewInstances, '4'),
    Cooldown: rule('none', count, '360'),
    'Availability Zones': rule('none', /^Any( [1-3])?$/, 'Any'),
    EnableCapacityRebalancing: rule('none', /^false$/, 'false'),
  },
  'aws:autoscaling:launchconfiguration': {
    IamInstanceProfile: rule('replace', any),
    SecurityGroups: rule('replace', ids('sg')),
    EC2KeyName: rule('replace', any),
    InstanceType: rule('replace', any),
    DisableIMDSv1: rule('replace', yesNo, 'true'),
    MonitoringInterval: rule('none', /^(1|5) minute$/, '5 minute'),
    SSHSourceRestriction: rule('none', any),
    RootVolumeType: rule('replace', /^(standard|gp2|gp3|io1)$/),
    RootVolumeSize: rule('replace', count),
    RootVolumeIOPS: rule('replace', count),
    RootVolumeThroughput: rule('replace', count),
  },
  'aws:autoscaling:updatepolicy:rollingupdate': {
    RollingUpdateEnabled: rule('none', yesNo, 'false'),
    RollingUpdateType: rule('none', /^(Time|Health)$/, 'Time'),
    MaxBatchSize: rule('none', count),
    MinInstancesInService: rule('none', count),
    PauseTime: rule('none', any),
    Timeout: rule('none', any, 'PT30M'),
  },
  'aws:ec2:instances': {
    InstanceTypes: rule('replace', any),
    EnableSpot: rule('replace', /^false$/, 'false'),
    SupportedArchitectures: rule('replace', /^(x86_64|arm64)$/),
  },
  'aws:ec2:vpc': {
    VPCId: rule('replace', ids('vpc')),
    Subnets: rule('replace', ids('subnet')),
    ELBSubnets: rule('none', ids('subnet')),
    ELBScheme: rule('fixed', /^public$/, 'public'),
    AssociatePublicIpAddress: rule('replace', yesNo),
  },
  'aws:elbv2:listener:default': listener,
  'aws:elbv2:listener:80': listener,
  'aws:elbv2:listener:443': listener,
  'aws:elbv2:loadbalancer': {
    SecurityGroups: rule('none', ids('sg')),
    ManagedSecurityGroup: rule('none', ids('sg')),
    AccessLogsS3Enabled: rule('none', /^false$/, 'false'),
    IdleTimeout: rule('none', count),
  },
};

export const variables = 'aws:elasticbeanstalk:application:environment';
export const secrets = 'aws:elasticbeanstalk:application:environmentsecrets';
const staticFiles = 'aws:elasticbeanstalk:environment:proxy:staticfiles';

const variableName = /^[A-Za-z0-9_.:/+\\@-]{1,128}$/;
const freeForm: Record<string, { names: RegExp; rule: Rule }> = {
  [variables]: { names: variableName, rule: rule('deploy', any) },
  [secrets]: { names: variableName, rule: rule('deploy', /^arn:aws:(ssm|secretsmanager):\S+$/) },
  [staticFiles]: { names: /^\//, rule: rule('deploy', any) },
};

/** Namespaces whose options are whatever somebody names. */
export const freeNamespaces = Object.keys(freeForm);

/** Namespaces that AWS has and the sandbox has not: to call them unknown would be a lie. */
export const namespacesNotModelled =
  /^aws:(rds:|elb:|autoscaling:(trigger|scheduledaction|updatepolicy:)|elbv2:listener(rule)?:|cloudformation:|ec2:instances|elasticbeanstalk:(control|monitoring|sns:|sqsd|trafficsplitting|xray|customoption|container:|environment:process:))/;

export function ruleOf(namespace: string, name: string): Rule | undefined {
  const free = freeForm[namespace];
  if (free) return free.names.test(name) ? free.rule : undefined;
  const rules = Object.hasOwn(table, namespace) ? table[namespace] : undefined;
  return rules && Object.hasOwn(rules, name) ? rules[name] : undefined;
}

/** Every option of the table, in its order, with its default. */
export function tableOptions(): { namespace: string; name: string; rule: Rule }[] {
  return Object.entries(table).flatMap(([namespace, rules]) =>
    Object.entries(rules).map(([name, each]) => ({ namespace, name, rule: each })),
  );
}

export const namespaceKnown = (namespace: string) =>
  Object.hasOwn(table, namespace) || Object.hasOwn(freeForm, namespace);
