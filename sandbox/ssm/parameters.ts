import { AwsError } from '../errors';
import type { Parameters, StoredParameter, World } from '../world';

export type SsmWorld = Pick<World, 'account' | 'region' | 'clock'>;

/** A parameter with all its versions, the newest last. */
export interface Parameter {
  name: string;
  versions: (StoredParameter & { description?: string; keyId?: string; allowedPattern?: string })[];
  tags: Map<string, string>;
}

export interface NewValue {
  name: string;
  value: string;
  type?: 'String' | 'SecureString';
  overwrite: boolean;
  description?: string;
  keyId?: string;
  allowedPattern?: string;
  tags?: { Key: string; Value: string }[];
}

const longestValue = 4096;
const versionsKept = 100;

const invalid = (message: string) => new AwsError('ValidationException', message);
/** AWS says no more than the code: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
export const notFound = () => new AwsError('ParameterNotFound', '');

/** Standard parameters, in memory. */
export class ParameterStore implements Parameters {
  readonly all = new Map<string, Parameter>();

  constructor(private readonly world: SsmWorld) {}

  arnOf(name: string): string {
    return `arn:aws:ssm:${this.world.region}:${this.world.account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
  }

  /** By name or ARN, each with or without `:version`. */
  read(nameOrArn: string): StoredParameter | undefined {
    const { name, version } = this.selected(nameOrArn);
    const versions = this.all.get(name)?.versions;
    return version === undefined ? versions?.at(-1) : versions?.find((stored) => stored.version === version);
  }

  put(name: string, value: string, type: 'String' | 'SecureString'): StoredParameter {
    return this.store({ name, value, type, overwrite: true });
  }

  remove(name: string): void {
    if (!this.all.delete(this.selected(name).name)) throw notFound();
  }

  named(nameOrArn: string): Parameter | undefined {
    return this.all.get(this.selected(nameOrArn).name);
  }

  /** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
  store(wanted: NewValue): StoredParameter {
    const existing = this.all.get(wanted.name);
    this.check(wanted, existing);
    const previous = existing?.versions.at(-1);
    const stored = {
      name: wanted.name,
      type: wanted.type ?? (previous?.type as 'String'),
      value: wanted.value,
      version: (previous?.version ?? 0) + 1,
      lastModifiedMs: this.world.clock.nowMs(),
      description: wanted.description ?? previous?.description,
      keyId: wanted.keyId ?? previous?.keyId,
      allowedPattern: wanted.allowedPattern ?? previous?.allowedPattern,
    };
    const parameter = existing ?? { name: wanted.name, versions: [], tags: new Map() };
    parameter.versions = [...parameter.versions, stored].slice(-versionsKept);
    for (const { Key, Value } of wanted.tags ?? []) parameter.tags.set(Key, Value);
    this.all.set(wanted.name, parameter);
    return stored;
  }

  private check(wanted: NewValue, existing: Parameter | undefined): void {
    checkName(wanted.name);
    if (existing && !wanted.overwrite)
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    if (wanted.overwrite && wanted.tags?.length)
      throw invalid(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      );
    const type = wanted.type ?? existing?.versions.at(-1)?.type;
    if (!type) throw invalid('A parameter type is required when you create a parameter.');
    if (wanted.keyId !== undefined && type !== 'SecureString')
      throw invalid('KeyId is required for SecureString type parameter only.');
    if (wanted.value === '')
      throw invalid(
        "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
      );
    if (Buffer.byteLength(wanted.value) > longestValue)
      throw invalid(
        `Standard tier parameters support a maximum parameter value of ${longestValue} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`,
      );
    const pattern = wanted.allowedPattern ?? existing?.versions.at(-1)?.allowedPattern;
    if (pattern !== undefined && !allowedBy(pattern).test(wanted.value))
      throw new AwsError(
        'ParameterPatternMismatchException',
        `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
      );
  }

  private selected(nameOrArn: string): { name: string; version?: number } {
    const arn = /^arn:aws:ssm:([^:]*):([^:]*):parameter(\/.+)$/.exec(nameOrArn);
    if (nameOrArn.startsWith('arn:') && !arn) throw invalid(`Invalid parameter ARN: ${nameOrArn}`);
    if (arn && (arn[1] !== this.world.region || arn[2] !== this.world.account)) return { name: nameOrArn };
    const [, path = '', selector] = /^([^:]*)(?::(.*))?$/.exec(arn ? (arn[3] as string) : nameOrArn) ?? [];
    if (selector !== undefined && !/^\d+$/.test(selector))
      throw invalid(`The sandbox does not model the label ${selector} of a parameter.`);
    const version = selector === undefined ? undefined : Number(selector);
    // The ARN of a parameter without a path has a slash that its name has not.
    const name = arn && !this.all.has(path) ? path.slice(1) : path;
    return { name: this.all.has(name) ? name : path, version };
  }
}

function allowedBy(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new AwsError('InvalidAllowedPatternException', `${pattern} is not a regular expression.`);
  }
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
function checkName(name: string): void {
  const parts = name.split('/');
  if (parts.length > 16)
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      'A parameter hierarchy can have a maximum of 15 levels.',
    );
  if (name.includes('/') && !name.startsWith('/'))
    throw invalid('Parameter name must be a fully qualified name.');
  const isPath = name.startsWith('/');
  const levels = isPath ? parts.slice(1) : parts;
  const first = (levels[0] ?? '').toLowerCase();
  const prefix = ['aws', 'ssm'].find((word) => first.startsWith(word));
  if (prefix || levels.some((level) => !/^[\w.-]+$/.test(level)))
    throw invalid(
      `Parameter name: can't be prefixed with "${prefix ?? 'ssm'}" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
}
