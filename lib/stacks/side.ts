import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AdoptedEnvironment, NewEnvironment } from '../constructs/beanstalk-environment';
import type { SidePosture } from '../posture';
import type { Settings } from '../settings';

export interface SideProps extends StackProps {
  settings: Settings;
  posture: SidePosture;
  /** The version labels observed, by environment. */
  versions: Record<string, string>;
  /** Whether the environments go with the stack; otherwise they outlive it. */
  retiring: boolean;
}

/** The environments of one side. It refers to no other stack, so that neither side can hold the other's back. */
export class SideStack extends Stack {
  constructor(scope: Construct, id: string, props: SideProps) {
    super(scope, id, props);
    const { settings, versions, retiring } = props;
    for (const [role, posture] of Object.entries(props.posture.environments)) {
      const environment = settings.sides[props.posture.side].environments[role]!;
      if (environment.adoptedCname) new AdoptedEnvironment(this, role, { settings, posture, retiring });
      else
        new NewEnvironment(this, role, {
          settings,
          posture,
          retiring,
          instanceProfile: environment.instanceRole,
          versionLabel: versions[environment.name] ?? settings.environment.versionLabel,
        });
    }
  }
}
