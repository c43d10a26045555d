import type { ResolvedParameter } from '../parameters';
import type { Stack, StackEvent, StackResource } from '../stack';

/** What describe calls show of things. */

const date = (atMs: number | undefined) => (atMs === undefined ? undefined : new Date(atMs));

export function describeParameters(parameters: ResolvedParameter[]): object[] {
  return parameters.map(({ key, value, resolvedValue, hidden }) => ({
    ParameterKey: key,
    ParameterValue: hidden ? '****' : value,
    ResolvedValue: hidden ? undefined : resolvedValue,
  }));
}

export function describeStack(stack: Stack): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: stack.changeSetId,
    Description: stack.desired?.template.Description,
    Parameters: { member: describeParameters(stack.desired?.parameters ?? []) },
    CreationTime: date(stack.createdMs),
    LastUpdatedTime: date(stack.updatedMs),
    DeletionTime: date(stack.deletedMs),
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.disableRollback,
    NotificationARNs: { member: [] },
    Capabilities: { member: stack.capabilities },
    Outputs: {
      member: stack.outputs.map(({ key, value, description }) => ({
        OutputKey: key,
        OutputValue: value,
        Description: description,
      })),
    },
    RoleARN: stack.roleArn,
    Tags: { member: stack.tags },
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: {
      StackDriftStatus: stack.drift.status,
      LastCheckTimestamp: date(stack.drift.checkedMs),
    },
  };
}

export function summariseStack(stack: Stack): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.desired?.template.Description,
    CreationTime: date(stack.createdMs),
    LastUpdatedTime: date(stack.updatedMs),
    DeletionTime: date(stack.deletedMs),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DriftInformation: {
      StackDriftStatus: stack.drift.status,
      LastCheckTimestamp: date(stack.drift.checkedMs),
    },
  };
}

export function describeEvent(stack: Stack, event: StackEvent): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    EventId: event.eventId,
    OperationId: event.operationId,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId ?? '',
    ResourceType: event.type,
    Timestamp: date(event.atMs),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
    ResourceProperties: event.properties,
    ClientRequestToken: event.token,
  };
}

export function describeResource(resource: StackResource): object {
  return {
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type.typeName,
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.statusReason,
  };
}
