import { stackNames } from '../../names';
import type { Settings } from '../../settings';
import type { PlannedChange } from '../stack-ports';

/** What the runner may do in a stack, by the type of the resource: make it, or change these properties of it. */
interface Allowed {
  made: string[];
  /** These may be replaced: nothing is lost with them. */
  replaced?: string[];
  changed: Record<string, string[]>;
}

/** The Deny of each role changes in place; the roles of new environments come with theirs. */
const ofFence: Allowed = {
  made: ['AWS::IAM::RolePolicy', 'AWS::IAM::Role', 'AWS::IAM::InstanceProfile'],
  changed: { 'AWS::IAM::RolePolicy': ['PolicyDocument'] },
};

/**
 * A posture is option settings. The version label is stated as it was observed, and a preview record follows the
 * environment's address, so either may be named beside them.
 */
const ofSide: Allowed = {
  made: [],
  changed: {
    'AWS::ElasticBeanstalk::Environment': ['OptionSettings', 'VersionLabel'],
    'AWS::Route53::RecordSet': ['ResourceRecords'],
  },
};

const ofTraffic: Allowed = {
  made: [],
  changed: { 'AWS::Route53::RecordSet': ['AliasTarget'], 'AWS::SSM::Parameter': ['Value'] },
};

/**
 * A position, the testers, and a door for an environment that has none yet. An association follows its load balancer, and
 * may be named whenever its web ACL changes.
 */
const ofDoor: Allowed = {
  made: ['AWS::WAFv2::WebACL', 'AWS::WAFv2::WebACLAssociation'],
  replaced: ['AWS::WAFv2::WebACLAssociation'],
  changed: {
    'AWS::WAFv2::WebACL': ['DefaultAction', 'Rules', 'CustomResponseBodies', 'DataProtectionConfig'],
    'AWS::WAFv2::IPSet': ['Addresses'],
  },
};

/** Undefined for a stack that only people deploy. */
function allowedIn(settings: Settings, stack: string): Allowed | undefined {
  const names = stackNames(settings);
  if (stack === names.door) return ofDoor;
  if (stack === names.fence) return ofFence;
  if (stack === names.traffic) return ofTraffic;
  return stack === names.side('blue') || stack === names.side('green') ? ofSide : undefined;
}

/** What is granted beside what a posture needs. */
export interface Leave {
  /** Whether the stack is being built: then it may make whatever is not there yet. */
  mayMake?: boolean | undefined;
  /** Whether it may remove the resource of this logical id. */
  mayLose?: ((resource: string) => boolean) | undefined;
}

/**
 * Why a change set must not be executed by the runner, a sentence for each resource; none when it may. What replaces a
 * resource, or might, is refused whatever it is, and so are databases: a changed DBSnapshotIdentifier counts only as
 * "some interruptions", and makes a new database in the place of the old.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
 */
export function refusedChanges(
  settings: Settings,
  stack: string,
  changes: PlannedChange[],
  { mayMake = false, mayLose = () => false }: Leave = {},
): string[] {
  const allowed = allowedIn(settings, stack) ?? { made: [], changed: {} };
  return changes.flatMap((change) => {
    const isGranted =
      (mayMake && change.action === 'Add') || (change.action === 'Remove' && mayLose(change.resource));
    const why = isGranted ? undefined : whyRefused(allowed, change);
    return why ? [`${change.resource} (${change.type}) ${why}`] : [];
  });
}

function whyRefused(allowed: Allowed, { type, action, replacement, properties }: PlannedChange) {
  if (action === 'Add') return allowed.made.includes(type) ? undefined : 'would be made';
  if (action !== 'Modify') return action === 'Remove' ? 'would be removed' : `would go through "${action}"`;
  if (allowed.replaced?.includes(type)) return undefined;
  if (replacement === 'True') return 'would be replaced';
  if (replacement === 'Conditional') return 'might be replaced';
  const others = properties.filter((name) => !allowed.changed[type]?.includes(name));
  if (others.length > 0) return `would have its ${others.join(', ')} changed`;
  return allowed.changed[type] ? undefined : 'would be changed';
}
