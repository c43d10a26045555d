import type { z } from 'zod';
import { AwsError } from '../errors';
import { isUnknown } from './intrinsics';
import type { AnyResourceType } from './resource-type';

/** The properties as the type wants them; a fault names the property. */
export function parseProperties(
  type: AnyResourceType,
  logicalId: string,
  properties: Record<string, unknown>,
): Record<string, unknown> {
  const parsed = type.properties.safeParse(properties);
  if (parsed.success) return parsed.data;
  throw refusal(type, logicalId, parsed.error.issues);
}

/**
 * Refuses properties at the time of planning. While some of their values are known only after the deployment,
 * just the names are looked at.
 */
export function checkProperties(
  type: AnyResourceType,
  logicalId: string,
  properties: Record<string, unknown>,
): void {
  const issues = type.properties.safeParse(properties).error?.issues ?? [];
  const certain = isUnknown(properties) ? issues.filter(({ code }) => code === 'unrecognized_keys') : issues;
  if (certain.length > 0) throw refusal(type, logicalId, certain);
}

function refusal(type: AnyResourceType, logicalId: string, issues: z.core.$ZodIssue[]): AwsError {
  const faults = issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `the sandbox does not model ${issue.keys.map((key) => [...issue.path, key].join('.')).join(', ')}`
      : `${issue.path.join('.') || 'Properties'}: ${issue.message}`,
  );
  return new AwsError(
    'ValidationError',
    `Properties validation failed for resource ${logicalId} (${type.typeName}): ${faults.join('; ')}`,
  );
}
