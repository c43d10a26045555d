import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { InstanceRole } from '../constructs/instance-role';
import { KeptOutput } from '../constructs/kept-output';
import { PaymentFence } from '../constructs/payment-fence';
import { bothSides, type Posture } from '../posture';
import type { Settings } from '../settings';

/**
 * Who may read the payment keys. It is deployed before either side, so that no environment is ever given a key its
 * role is denied, and none keeps one that its role is. The roles of new environments live here too: no role of an
 * environment ever exists without its Deny. One that people made gets what the tool needs of it. Once a side is retired nothing of it is here: nothing has its roles any more.
 */
export class FenceStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings; posture: Posture }) {
    super(scope, id, props);
    const { settings, posture } = props;
    for (const side of bothSides)
      for (const [role, { armed }] of Object.entries(posture.sides[side].environments)) {
        const environment = settings.sides[side].environments[role]!;
        const place = `${side}-${role}`;
        const fence = new PaymentFence(this, `Fence-${place}`, {
          settings,
          role: environment.instanceRole,
          armed,
        });
        if (environment.adoptedCname && !environment.ownRole) {
          new KeptOutput(this, `Output-${place}`, { settings, role: environment.instanceRole });
          continue;
        }
        const made = new InstanceRole(this, `Role-${place}`, {
          settings,
          name: environment.instanceRole,
          payments: settings.roles[role]!.payments,
        });
        fence.policy.addResourceDependency(made.role);
      }
    this.aboutTestSystem(settings);
  }

  /** The test system never reads what opens production's databases, either; what its commands print is kept all the same. */
  private aboutTestSystem(settings: Settings): void {
    const { testSystem, database } = settings;
    if (!testSystem) return;
    new PaymentFence(this, 'Fence-test-system', {
      settings,
      role: testSystem.environment.instanceRole,
      armed: false,
      others: [database.writer.secret, database.reader.secret],
    });
    new KeptOutput(this, 'Output-test-system', { settings, role: testSystem.environment.instanceRole });
  }
}
