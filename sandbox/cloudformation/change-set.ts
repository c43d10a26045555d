import type { Desired } from './desired';
import type { Change } from './plan';

export interface ChangeSet {
  name: string;
  id: string;
  type: 'CREATE' | 'UPDATE' | 'IMPORT';
  description: string | undefined;
  status: 'CREATE_COMPLETE' | 'FAILED';
  statusReason: string | undefined;
  executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'OBSOLETE' | 'EXECUTE_COMPLETE';
  createdMs: number;
  desired: Desired;
  changes: Change[];
  /** Physical ids of what it adopts, by logical id. */
  imports: Map<string, string>;
  importExistingResources: boolean;
  tags: { Key: string; Value: string }[];
  capabilities: string[];
  roleArn: string | undefined;
}

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** A change as DescribeChangeSet tells of it. */
export function describeChange(change: Change, withValues: boolean): object {
  const context = (properties: Record<string, unknown> | undefined) =>
    withValues && properties ? JSON.stringify({ Properties: properties }) : undefined;
  return {
    Type: 'Resource',
    ResourceChange: {
      PolicyAction: change.policyAction,
      Action: change.action,
      LogicalResourceId: change.logicalId,
      PhysicalResourceId: change.physicalId,
      ResourceType: change.typeName,
      Replacement: change.replacement,
      Scope: { member: [...new Set(change.details.map(({ attribute }) => attribute))] },
      Details: {
        member: change.details.map((detail) => ({
          Target: {
            Attribute: detail.attribute,
            Name: detail.name,
            RequiresRecreation: { no: 'Never', maybe: 'Conditionally', yes: 'Always' }[detail.behaviour],
            ...(withValues ? { BeforeValue: text(detail.before), AfterValue: text(detail.after) } : {}),
          },
          Evaluation: detail.dynamic ? 'Dynamic' : 'Static',
          ChangeSource: detail.dynamic ? 'ResourceAttribute' : 'DirectModification',
        })),
      },
      BeforeContext: context(change.before),
      AfterContext: context(change.after),
    },
  };
}
