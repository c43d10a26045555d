import { AwsError, notModelled } from '../errors';
import type { Parameters } from '../world';
import type { Template, TemplateParameter } from './template';

export interface GivenParameter {
  ParameterKey: string;
  ParameterValue?: string | undefined;
  UsePreviousValue?: boolean | undefined;
}

/** A template's parameter with its value. */
export interface ResolvedParameter {
  key: string;
  /** As given; for a parameter of Systems Manager its name. */
  value: string;
  /** What was read from Systems Manager. */
  resolvedValue: string | undefined;
  hidden: boolean;
  isList: boolean;
}

const lists = ['CommaDelimitedList', 'List<Number>', 'AWS::SSM::Parameter::Value<List<String>>'];
const singles = ['String', 'Number', 'AWS::SSM::Parameter::Value<String>'];

export function resolveParameters(
  template: Template,
  given: GivenParameter[],
  previous: ResolvedParameter[],
  store: Parameters,
): ResolvedParameter[] {
  const declared = template.Parameters;
  const unknown = given.filter(({ ParameterKey: key }) => !Object.hasOwn(declared, key));
  if (unknown.length > 0)
    throw new AwsError(
      'ValidationError',
      `Parameters: [${unknown.map(({ ParameterKey: key }) => key).join(', ')}] do not exist in the template`,
    );
  const values = new Map(
    Object.entries(declared).map(([key, parameter]) => [key, valueFor(key, parameter, given, previous)]),
  );
  const missing = [...values].filter(([, value]) => value === undefined).map(([key]) => key);
  if (missing.length > 0)
    throw new AwsError('ValidationError', `Parameters: [${missing.join(', ')}] must have values`);
  return [...values].map(([key, value]) => resolve(key, declared[key]!, value!, store));
}

function valueFor(
  key: string,
  parameter: TemplateParameter,
  given: GivenParameter[],
  previous: ResolvedParameter[],
): string | undefined {
  const mine = given.find(({ ParameterKey: name }) => name === key);
  if (mine?.UsePreviousValue) return previous.find((earlier) => earlier.key === key)?.value;
  return mine?.ParameterValue ?? parameter.Default;
}

function resolve(
  key: string,
  parameter: TemplateParameter,
  value: string,
  store: Parameters,
): ResolvedParameter {
  const { Type: type } = parameter;
  if (![...singles, ...lists].includes(type)) throw notModelled(`parameters of type ${type}`);
  check(key, parameter, value);
  return {
    key,
    value,
    resolvedValue: type.startsWith('AWS::SSM::') ? readStore(key, value, store) : undefined,
    hidden: String(parameter.NoEcho) === 'true',
    isList: lists.includes(type),
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html: no SecureString. */
function readStore(key: string, name: string, store: Parameters): string {
  const stored = store.read(name);
  if (!stored)
    throw new AwsError(
      'ValidationError',
      `Unable to fetch parameters [${name}] from parameter store for this account.`,
    );
  if (stored.type === 'SecureString')
    throw new AwsError(
      'ValidationError',
      `Parameters [${name}] referenced by template have types not supported by CloudFormation. (${key})`,
    );
  return stored.value;
}

function check(key: string, parameter: TemplateParameter, value: string): void {
  const refuse = (why: string) =>
    new AwsError('ValidationError', `Parameter '${key}' ${parameter.ConstraintDescription ?? why}`);
  if (parameter.AllowedValues && !parameter.AllowedValues.includes(value))
    throw refuse(`must be one of AllowedValues`);
  if (parameter.AllowedPattern && !allowedBy(key, parameter.AllowedPattern).test(value))
    throw refuse(`must match pattern ${parameter.AllowedPattern}`);
  if (value.length < (parameter.MinLength ?? 0))
    throw refuse(`must contain at least ${parameter.MinLength} characters`);
  if (value.length > (parameter.MaxLength ?? Infinity))
    throw refuse(`must contain at most ${parameter.MaxLength} characters`);
  if (parameter.Type !== 'Number') return;
  if (value === '' || Number.isNaN(Number(value))) throw refuse('must be a number.');
  if (Number(value) < (parameter.MinValue ?? -Infinity))
    throw refuse(`must be a number not less than ${parameter.MinValue}`);
  if (Number(value) > (parameter.MaxValue ?? Infinity))
    throw refuse(`must be a number not greater than ${parameter.MaxValue}`);
}

function allowedBy(key: string, pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new AwsError('ValidationError', `Parameter '${key}' AllowedPattern is not a regular expression`);
  }
}

/** What `Ref` of each parameter gives. */
export function parameterValues(parameters: ResolvedParameter[]): Record<string, string | string[]> {
  return Object.fromEntries(
    parameters.map(({ key, value, resolvedValue = value, isList }) => [
      key,
      isList ? resolvedValue.split(',').map((item) => item.trim()) : resolvedValue,
    ]),
  );
}
