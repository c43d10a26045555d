import { randomUUID } from 'node:crypto';
import { AwsError } from '../../errors';
import { input, list, text } from '../../protocol/shapes';
import { type Operation, operation } from '../../service';
import { canonical } from '../specification';
import { isSettled, type Stack, type StackResource } from '../stack';
import type { Context } from './context';

interface Drift {
  resource: StackResource;
  status: 'IN_SYNC' | 'MODIFIED' | 'DELETED';
  actual: Record<string, unknown> | undefined;
  atMs: number;
}

/**
 * Drift detection sees only what a type's `live` shows. A type without it is not checked and not reported, as
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html has it.
 */
export function driftOperations({ stacks, site }: Context): Record<string, Operation> {
  const detections = new Map<string, Stack>();
  const found = new Map<string, Drift[]>();
  return {
    DetectStackDrift: operation(input({ StackName: text }), (request) => {
      const stack = stacks.get(request.StackName, `Stack [${request.StackName}] does not exist`);
      if (!isSettled(stack) || !stack.desired)
        throw new AwsError(
          'ValidationError',
          `Drift detection cannot be performed on stack [${stack.id}] while it is in ${stack.status} state`,
        );
      const drifts = detect(stack, site.world.clock.nowMs());
      const drifted = drifts.some(({ status }) => status !== 'IN_SYNC');
      stack.drift = { status: drifted ? 'DRIFTED' : 'IN_SYNC', checkedMs: site.world.clock.nowMs() };
      found.set(stack.id, drifts);
      const id = randomUUID();
      detections.set(id, stack);
      return { StackDriftDetectionId: id };
    }),
    DescribeStackDriftDetectionStatus: operation(input({ StackDriftDetectionId: text }), (request) => {
      const id = request.StackDriftDetectionId;
      const stack = detections.get(id);
      if (!stack) throw new AwsError('ValidationError', `No drift detection with id ${id} exists`);
      return {
        StackId: stack.id,
        StackDriftDetectionId: id,
        StackDriftStatus: stack.drift.status,
        DetectionStatus: 'DETECTION_COMPLETE',
        DriftedStackResourceCount: found.get(stack.id)?.filter(({ status }) => status !== 'IN_SYNC').length,
        Timestamp: new Date(stack.drift.checkedMs ?? 0),
      };
    }),
    DescribeStackResourceDrifts: operation(
      input({ StackName: text, StackResourceDriftStatusFilters: list(text).default([]) }),
      ({ StackName: name, StackResourceDriftStatusFilters: wanted }) => {
        const stack = stacks.get(name, `Stack [${name}] does not exist`);
        const drifts = (found.get(stack.id) ?? []).filter(
          ({ status }) => wanted.length === 0 || wanted.includes(status),
        );
        return { StackResourceDrifts: { member: drifts.map((drift) => describe(stack, drift)) } };
      },
    ),
  };
}

function detect(stack: Stack, atMs: number): Drift[] {
  return [...stack.resources.values()].flatMap((resource): Drift[] => {
    const { type, physicalId } = resource;
    if (!type.live || physicalId === undefined) return [];
    if (!type.find(physicalId)) return [{ resource, status: 'DELETED', actual: undefined, atMs }];
    const actual = type.live(physicalId) ?? {};
    const status = differences(resource, actual).length > 0 ? 'MODIFIED' : 'IN_SYNC';
    return [{ resource, status, actual, atMs }];
  });
}

/** Only what the template states is compared, and of that only what can be seen. */
function differences(resource: StackResource, actual: Record<string, unknown>): string[] {
  return Object.keys(resource.declared).filter(
    (name) => name in actual && canonical(resource.declared[name]) !== canonical(actual[name]),
  );
}

function describe(stack: Stack, { resource, status, actual, atMs }: Drift): object {
  const { declared } = resource;
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    StackId: stack.id,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type.typeName,
    ExpectedProperties: JSON.stringify(declared),
    ActualProperties: actual && JSON.stringify(actual),
    PropertyDifferences: {
      member: differences(resource, actual ?? {}).map((name) => ({
        PropertyPath: `/${name}`,
        ExpectedValue: text(declared[name]),
        ActualValue: text(actual?.[name]),
        DifferenceType: 'NOT_EQUAL',
      })),
    },
    StackResourceDriftStatus: status,
    Timestamp: new Date(atMs),
  };
}
