import { commonErrors } from '../../sandbox/common-errors';
import { wireNames } from './cases/case';
import type { OperationModel, ServiceModel } from './models/model';

/** Whether AWS says that the operation may be refused so, and with this status. */
export function statusFaults(
  service: string,
  model: ServiceModel,
  operation: OperationModel,
  code: string,
  status: number,
): string[] {
  const declared = operation.errors?.includes(code) ?? model.errors.has(code);
  const common = commonErrors[wireNames[service] ?? service]?.[code];
  if (!declared && !common) return [`${code} is neither declared nor a common error`];
  const told = declared ? model.errors.get(code) : common?.status;
  return told !== undefined && told !== status ? [`comes with status ${status}, not ${told}`] : [];
}
