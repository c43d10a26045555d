import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnEnvironment } from 'aws-cdk-lib/aws-elasticbeanstalk';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { cnamePrefix, parameterArn, parameterNames, previewHost } from '../names';
import type { EnvironmentPosture } from '../posture';
import type { Settings } from '../settings';
import { giveUp } from './removal';

type Option = CfnEnvironment.OptionSettingProperty;

function options(namespace: string, values: Record<string, string>): Option[] {
  return Object.entries(values).map(([optionName, value]) => ({ namespace, optionName, value }));
}

/**
 * The options that a posture owns. All are always stated: an option left out of a template keeps its old value,
 * so nothing is ever fenced by leaving it out.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options.html
 */
export function postureOptions(
  settings: Settings,
  posture: EnvironmentPosture,
  besides: { variables: Record<string, string>; secrets: Record<string, string> } = {
    variables: {},
    secrets: {},
  },
): Option[] {
  const secrets = Object.entries({ ...besides.secrets, ...posture.secrets }).map(
    ([name, parameter]) => [name, parameterArn(settings, parameter)] as const,
  );
  return [
    ...options('aws:autoscaling:asg', {
      MinSize: String(posture.size.min),
      MaxSize: String(posture.size.max),
    }),
    ...options('aws:elasticbeanstalk:application:environment', {
      ...besides.variables,
      ...posture.variables,
    }),
    ...options('aws:elasticbeanstalk:application:environmentsecrets', Object.fromEntries(secrets)),
  ];
}

export interface EnvironmentProps {
  settings: Settings;
  posture: EnvironmentPosture;
  /** Whether it goes with its stack. */
  retiring: boolean;
}

/**
 * An environment that was made by hand and imported: its template states what the posture owns and nothing else, so
 * that the first update through CloudFormation changes nothing that nobody asked for.
 */
export class AdoptedEnvironment extends Construct {
  constructor(scope: Construct, id: string, { settings, posture, retiring }: EnvironmentProps) {
    super(scope, id);
    const environment = new CfnEnvironment(this, 'Resource', {
      applicationName: settings.application,
      environmentName: posture.name,
      optionSettings: postureOptions(settings, posture),
    });
    giveUp(environment, retiring ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN);
  }
}

export interface NewEnvironmentProps extends EnvironmentProps {
  instanceProfile: string;
  /** The version observed on the environment, or the settings' when there is none yet. */
  versionLabel: string;
}

/** An environment built whole from the settings, with the record under which it can be asked before it is live. */
export class NewEnvironment extends Construct {
  constructor(scope: Construct, id: string, props: NewEnvironmentProps) {
    super(scope, id);
    const { settings, posture } = props;
    const secretOf = (name: string) => [name, parameterNames(settings).secret(name)] as const;
    const environment = new CfnEnvironment(this, 'Resource', {
      applicationName: settings.application,
      environmentName: posture.name,
      cnamePrefix: cnamePrefix(settings, posture.name),
      // PlatformArn updates in place; SolutionStackName would replace the environment.
      platformArn: settings.environment.platformArn,
      versionLabel: props.versionLabel,
      tier: { name: 'WebServer', type: 'Standard' },
      optionSettings: [
        ...machineOptions(settings, props.instanceProfile),
        ...postureOptions(settings, posture, {
          variables: settings.variables.plain,
          secrets: Object.fromEntries(settings.variables.secrets.map(secretOf)),
        }),
      ],
    });
    giveUp(environment, props.retiring ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN);
    new CfnRecordSet(this, 'Preview', {
      hostedZoneId: settings.zone.id,
      name: previewHost(settings, posture.name),
      type: 'CNAME',
      ttl: '60',
      resourceRecords: [environment.attrEndpointUrl],
    });
  }
}

/** What does not depend on the posture: machines, network, load balancer, health. */
function machineOptions(settings: Settings, instanceProfile: string): Option[] {
  const { environment } = settings;
  const list = (values: string[]) => values.join(',');
  return [
    ...options('aws:elasticbeanstalk:environment', {
      EnvironmentType: 'LoadBalanced',
      LoadBalancerType: 'application',
      ServiceRole: environment.serviceRole,
    }),
    ...options('aws:autoscaling:launchconfiguration', {
      IamInstanceProfile: instanceProfile,
      SecurityGroups: list(environment.securityGroups),
      DisableIMDSv1: 'true',
    }),
    ...options('aws:ec2:instances', { InstanceTypes: environment.instanceType }),
    ...options('aws:ec2:vpc', {
      VPCId: environment.vpc,
      Subnets: list(environment.instanceSubnets),
      ELBSubnets: list(environment.loadBalancerSubnets),
      AssociatePublicIpAddress: 'true',
    }),
    ...options('aws:elbv2:listener:443', {
      ListenerEnabled: 'true',
      Protocol: 'HTTPS',
      SSLCertificateArns: environment.certificateArn,
    }),
    // ManagedSecurityGroup keeps Elastic Beanstalk from making a group of its own, which can hang termination.
    ...options('aws:elbv2:loadbalancer', {
      SecurityGroups: list(environment.loadBalancerSecurityGroups),
      ManagedSecurityGroup: environment.loadBalancerSecurityGroups[0]!,
    }),
    ...options('aws:elasticbeanstalk:environment:process:default', {
      HealthCheckPath: environment.healthCheckPath,
      MatcherHTTPCode: '200',
      StickinessEnabled: 'true',
    }),
    ...options('aws:elasticbeanstalk:healthreporting:system', { SystemType: 'enhanced' }),
    // The logs of an instance outlive it.
    ...options('aws:elasticbeanstalk:hostmanager', { LogPublicationControl: 'true' }),
    // An update of the platform in the middle of the night would restart what is being proved.
    ...options('aws:elasticbeanstalk:managedactions', { ManagedActionsEnabled: 'false' }),
  ];
}
