import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ResourceType } from '../cloudformation/resource-type';
import { AwsError } from '../errors';
import type { World } from '../world';
import type { ParameterStore } from './parameters';

const properties = z.strictObject({
  Name: z.string().optional(),
  Type: z.string().refine((type): boolean => type === 'String', {
    error: ({ input }) => `#/Type: ${input} is not a valid enum value`,
  }),
  Value: z.string(),
  Description: z.string().optional(),
  AllowedPattern: z.string().optional(),
  Tier: z.literal('Standard').optional(),
  DataType: z.literal('text').optional(),
  Tags: z.record(z.string(), z.string()).optional(),
});
type Properties = z.output<typeof properties>;

/**
 * A plain parameter. CloudFormation cannot make a secure one:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
 */
export function parameterType(
  store: ParameterStore,
  { clock, durations }: Pick<World, 'clock' | 'durations'>,
): ResourceType<Properties> {
  const state = (name: string) => {
    const { type = '', value = '' } = store.read(name) ?? {};
    return { physicalId: name, attributes: { Type: type, Value: value, Arn: store.arnOf(name) } };
  };
  async function put(name: string, wanted: Properties) {
    store.store({
      name,
      value: wanted.Value,
      type: 'String',
      overwrite: store.all.has(name),
      description: wanted.Description,
      allowedPattern: wanted.AllowedPattern,
    });
    const parameter = store.all.get(name);
    if (parameter) parameter.tags = new Map(Object.entries(wanted.Tags ?? {}));
    await clock.sleep(durations.resourceMs);
    return state(name);
  }
  return {
    typeName: 'AWS::SSM::Parameter',
    properties,
    create: async ({ stackName, logicalId, properties: wanted }) => {
      const name =
        wanted.Name ?? `CFN-${logicalId}-${stackName.slice(0, 20)}${randomBytes(6).toString('hex')}`;
      if (store.all.has(name)) throw new AwsError('AlreadyExists', `${name} already exists`);
      return put(name, wanted);
    },
    update: async ({ physicalId, properties: wanted }) => put(physicalId, wanted),
    delete: async ({ physicalId }) => {
      if (store.all.has(physicalId)) store.remove(physicalId);
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => (store.all.has(physicalId) ? state(physicalId) : undefined),
    nameOf: ({ Name }) => Name,
  };
}
