import { AwsError, notModelled } from '../errors';
import type { Parameters } from '../world';

const pattern = /\{\{resolve:([^:}]+):([^}]*)\}\}/g;

/**
 * Where `ssm-secure` may stand, of the types that the sandbox can meet:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm-secure-strings.html
 */
const securePlaces = ['AWS::RDS::DBInstance/Properties/MasterUserPassword'];

/** Replaces `{{resolve:ssm:NAME}}` and `{{resolve:ssm-secure:NAME}}` in the properties of a resource. */
export function resolveDynamicReferences(
  properties: Record<string, unknown>,
  typeName: string,
  store: Parameters,
): Record<string, unknown> {
  const resolveIn = (node: unknown, place: string): unknown => {
    if (typeof node === 'string')
      return node.replace(pattern, (_whole, service, key) => read(service, key, place, store));
    if (Array.isArray(node)) return node.map((item) => resolveIn(item, place));
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolveIn(value, place)]));
  };
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      resolveIn(value, `${typeName}/Properties/${name}`),
    ]),
  );
}

function read(service: string, key: string, place: string, store: Parameters): string {
  if (service !== 'ssm' && service !== 'ssm-secure') throw notModelled(`dynamic references to ${service}`);
  if (service === 'ssm-secure' && !securePlaces.includes(place))
    throw new AwsError('ValidationError', `SSM Secure reference is not supported in: [${place}]`);
  const [, name = key, version] = /^(.*?)(?::(\d+))?$/.exec(key) ?? [];
  const stored = store.read(name);
  if (!stored) throw new AwsError('ValidationError', `Parameter ${name} does not exist in Systems Manager.`);
  if (service === 'ssm' && stored.type === 'SecureString')
    throw new AwsError('ValidationError', `Non-secure ssm prefix was used for secure parameter: ${name}`);
  if (version !== undefined && Number(version) !== stored.version)
    throw notModelled(`earlier versions of parameters in dynamic references (${key})`);
  return stored.value;
}
