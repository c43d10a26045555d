import { z } from 'zod';
import { AwsError } from '../errors';
import { pageOf } from '../protocol/paging';
import { type Operation, operation } from '../service';
import type { StoredParameter } from '../world';
import { pretendCiphertext } from './ciphertext';
import { notFound, type Parameter, type ParameterStore } from './parameters';

const name = z.string().min(1).max(2048);
/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Tag.html */
const tagText = z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
const tagKey = tagText.min(1).max(128);
const tags = z.array(z.strictObject({ Key: tagKey, Value: tagText.max(256) }));
const page = { MaxResults: z.number().int().min(1).max(50).optional(), NextToken: z.string().optional() };
const resource = { ResourceType: z.literal('Parameter'), ResourceId: z.string() };
const defaultKey = 'alias/aws/ssm';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations_AWS_Systems_Manager.html */
export function parameterOperations(store: ParameterStore): Record<string, Operation> {
  return { ...writing(store), ...reading(store), ...tagging(store) };
}

function writing(store: ParameterStore): Record<string, Operation> {
  return {
    PutParameter: operation(
      z.strictObject({
        Name: name,
        Value: z.string(),
        Type: z.enum(['String', 'SecureString']).optional(),
        Overwrite: z.boolean().default(false),
        Description: z.string().optional(),
        KeyId: z.string().optional(),
        AllowedPattern: z.string().optional(),
        Tags: tags.optional(),
        Tier: z.literal('Standard').optional(),
        DataType: z.literal('text').optional(),
      }),
      (wanted) => {
        const stored = store.store({
          name: wanted.Name,
          value: wanted.Value,
          type: wanted.Type,
          overwrite: wanted.Overwrite,
          description: wanted.Description,
          keyId: wanted.KeyId,
          allowedPattern: wanted.AllowedPattern,
          tags: wanted.Tags,
        });
        return { Version: stored.version, Tier: 'Standard' };
      },
    ),
    DeleteParameter: operation(z.strictObject({ Name: name }), ({ Name }) => store.remove(Name)),
    DeleteParameters: operation(z.strictObject({ Names: z.array(name).min(1).max(10) }), ({ Names }) => {
      const known = Names.filter((one) => store.named(one));
      for (const one of known) store.remove(one);
      return { DeletedParameters: known, InvalidParameters: Names.filter((one) => !known.includes(one)) };
    }),
  };
}

function reading(store: ParameterStore): Record<string, Operation> {
  const describe = (stored: StoredParameter, decrypt: boolean) => ({
    Name: stored.name,
    Type: stored.type,
    Value: stored.type === 'SecureString' && !decrypt ? pretendCiphertext(stored) : stored.value,
    Version: stored.version,
    LastModifiedDate: stored.lastModifiedMs / 1000,
    ARN: store.arnOf(stored.name),
    DataType: 'text',
  });
  const withDecryption = { WithDecryption: z.boolean().default(false) };
  return {
    GetParameter: operation(z.strictObject({ Name: name, ...withDecryption }), (asked) => {
      const stored = store.read(asked.Name);
      if (!stored) throw store.named(asked.Name) ? new AwsError('ParameterVersionNotFound', '') : notFound();
      return { Parameter: describe(stored, asked.WithDecryption) };
    }),
    GetParameters: operation(
      z.strictObject({ Names: z.array(name).min(1).max(10), ...withDecryption }),
      (asked) => {
        const found = asked.Names.map((one) => [one, store.read(one)] as const);
        return {
          Parameters: found.flatMap(([, stored]) => (stored ? [describe(stored, asked.WithDecryption)] : [])),
          InvalidParameters: found.flatMap(([one, stored]) => (stored ? [] : [one])),
        };
      },
    ),
    GetParametersByPath: operation(
      z.strictObject({
        Path: name,
        Recursive: z.boolean().default(false),
        ...withDecryption,
        ...page,
        MaxResults: z.number().int().min(1).max(10).optional(),
      }),
      (asked) => {
        if (!asked.Path.startsWith('/'))
          throw new AwsError(
            'ValidationException',
            'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
          );
        const prefix = asked.Path.endsWith('/') ? asked.Path : `${asked.Path}/`;
        const below = sorted(store).filter(
          (one) =>
            one.name.startsWith(prefix) && (asked.Recursive || !one.name.slice(prefix.length).includes('/')),
        );
        const { items, next: NextToken } = pageOf(below, pageAsked(asked, 10));
        const parameters = items.map((one) =>
          describe(one.versions.at(-1) as StoredParameter, asked.WithDecryption),
        );
        return { Parameters: parameters, NextToken };
      },
    ),
    DescribeParameters: operation(
      z.strictObject({
        ...page,
        ParameterFilters: z
          .array(
            z.strictObject({
              Key: z.literal('Name'),
              Option: z.enum(['Equals', 'BeginsWith']).default('Equals'),
              Values: z.array(z.string()).min(1),
            }),
          )
          .optional(),
      }),
      (asked) => {
        const fitting = sorted(store).filter((one) =>
          (asked.ParameterFilters ?? []).every(({ Option, Values }) =>
            Values.some((value) => (Option === 'Equals' ? one.name === value : one.name.startsWith(value))),
          ),
        );
        const { items, next: NextToken } = pageOf(fitting, pageAsked(asked, 50));
        return { Parameters: items.map((one) => metadata(store, one)), NextToken };
      },
    ),
    GetParameterHistory: operation(z.strictObject({ Name: name, ...withDecryption, ...page }), (asked) => {
      const parameter = store.named(asked.Name);
      if (!parameter) throw notFound();
      const { items, next: NextToken } = pageOf(parameter.versions, pageAsked(asked, 50));
      const history = items.map((stored) => ({
        ...describe(stored, asked.WithDecryption),
        ARN: undefined,
        Tier: 'Standard',
        Labels: [],
        Description: stored.description,
        KeyId: stored.type === 'SecureString' ? (stored.keyId ?? defaultKey) : undefined,
      }));
      return { Parameters: history, NextToken };
    }),
  };
}

function tagging(store: ParameterStore): Record<string, Operation> {
  const tagged = (id: string) => {
    const parameter = store.named(id);
    if (!parameter)
      throw new AwsError(
        'InvalidResourceId',
        'The resource ID is not valid. Verify that you entered the correct ID and try again.',
      );
    return parameter;
  };
  return {
    AddTagsToResource: operation(z.strictObject({ ...resource, Tags: tags }), ({ ResourceId, Tags }) => {
      for (const { Key, Value } of Tags) tagged(ResourceId).tags.set(Key, Value);
    }),
    RemoveTagsFromResource: operation(
      z.strictObject({ ...resource, TagKeys: z.array(tagKey) }),
      ({ ResourceId, TagKeys }) => {
        for (const key of TagKeys) tagged(ResourceId).tags.delete(key);
      },
    ),
    ListTagsForResource: operation(z.strictObject(resource), ({ ResourceId }) => ({
      TagList: [...tagged(ResourceId).tags].map(([Key, Value]) => ({ Key, Value })),
    })),
  };
}

function metadata(store: ParameterStore, parameter: Parameter) {
  const newest = parameter.versions.at(-1) as Parameter['versions'][number];
  return {
    Name: parameter.name,
    ARN: store.arnOf(parameter.name),
    Type: newest.type,
    KeyId: newest.type === 'SecureString' ? (newest.keyId ?? defaultKey) : undefined,
    LastModifiedDate: newest.lastModifiedMs / 1000,
    Description: newest.description,
    AllowedPattern: newest.allowedPattern,
    Version: newest.version,
    Tier: 'Standard',
    Policies: [],
    DataType: 'text',
  };
}

function sorted(store: ParameterStore): Parameter[] {
  return [...store.all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function pageAsked({ MaxResults, NextToken }: { MaxResults?: number; NextToken?: string }, usual: number) {
  return { size: MaxResults, usual, largest: 50, token: NextToken, fault: 'InvalidNextToken' };
}
