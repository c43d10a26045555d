import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AnyResourceType } from '../cloudformation/resource-type';
import { AwsError, notModelled } from '../errors';
import { refuseUnknownPolicy } from '../s3/bucket-policy';
import { type OperationService, operation } from '../service';
import type { World } from '../world';

type SnsWorld = Pick<World, 'account' | 'region' | 'clock' | 'durations'>;

export interface Published {
  topic: string;
  subject: string | undefined;
  message: string;
}

interface Topic {
  arn: string;
  name: string;
  policy: string | undefined;
  /** By their ARN; nobody here follows the link in the e-mail that each gets, so that all of them are pending. */
  subscriptions: Map<string, string>;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const subject = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[ -~]+$/);
const longestMessageBytes = 262_144;

/** Simple Notification Service: topics that are published to, whose messages go nowhere and can be looked at. */
export function createSns(world: SnsWorld) {
  const topics = new Map<string, Topic>();
  const published: Published[] = [];

  function find(arn: string): Topic {
    const found = topics.get(arn);
    if (!found) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return found;
  }

  const service: OperationService = {
    name: 'sns',
    protocol: 'query',
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    operations: {
      Publish: operation(
        z.strictObject({ TopicArn: z.string(), Subject: subject.optional(), Message: z.string().min(1) }),
        ({ TopicArn, Subject, Message }) => {
          if (Buffer.byteLength(Message) > longestMessageBytes)
            throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
          published.push({ topic: find(TopicArn).name, subject: Subject, message: Message });
          return { MessageId: randomUUID() };
        },
      ),
      GetTopicAttributes: operation(z.strictObject({ TopicArn: z.string() }), ({ TopicArn }) => {
        const { subscriptions } = find(TopicArn);
        const attributes = {
          TopicArn,
          Owner: world.account,
          KmsMasterKeyId: alias,
          SubscriptionsConfirmed: '0',
          SubscriptionsPending: String(subscriptions.size),
          SubscriptionsDeleted: '0',
        };
        return { Attributes: { entry: Object.entries(attributes).map(([key, value]) => ({ key, value })) } };
      }),
    },
    invalidInput: 'InvalidParameter',
  };
  return { service, resourceTypes: typesOf(topics, find, world), published };
}

function typesOf(
  topics: Map<string, Topic>,
  find: (arn: string) => Topic,
  world: SnsWorld,
): AnyResourceType[] {
  const settle = () => world.clock.sleep(world.durations.resourceMs);
  const topicProperties = z.strictObject({ TopicName: z.string(), KmsMasterKeyId: managedKey(world) });
  const policyProperties = z.strictObject({
    Topics: z.array(z.string()).length(1),
    PolicyDocument: z.record(z.string(), z.unknown()),
  });
  const subscriptionProperties = z.strictObject({
    TopicArn: z.string(),
    Protocol: z.literal('email', { error: 'the sandbox models no protocol but email' }),
    Endpoint: z.email(),
  });
  const stateOf = ({ arn, name }: Topic) => ({
    physicalId: arn,
    attributes: { TopicArn: arn, TopicName: name },
  });
  const putPolicy = async ({ Topics: [arn = ''], PolicyDocument }: z.infer<typeof policyProperties>) => {
    const document = JSON.stringify(PolicyDocument);
    refuseUnknownPolicy(document);
    find(arn).policy = document;
    await settle();
    return { physicalId: `policy-of-${find(arn).name}`, attributes: {} };
  };
  const withPolicy = (physicalId: string) =>
    [...topics.values()].find(({ name, policy }) => policy && physicalId === `policy-of-${name}`);
  const types: AnyResourceType[] = [
    {
      typeName: 'AWS::SNS::Topic',
      properties: topicProperties,
      create: async ({ properties: { TopicName: name } }) => {
        const arn = `arn:aws:sns:${world.region}:${world.account}:${name}`;
        if (topics.has(arn)) throw new Error(`${arn} already exists`);
        const topic = { arn, name, policy: undefined, subscriptions: new Map() };
        topics.set(arn, topic);
        await settle();
        return stateOf(topic);
      },
      update: async () => {
        throw notModelled('a change of a topic');
      },
      delete: async ({ physicalId }) => {
        topics.delete(physicalId);
      },
      find: (physicalId) => (topics.has(physicalId) ? stateOf(find(physicalId)) : undefined),
    },
    {
      typeName: 'AWS::SNS::TopicPolicy',
      properties: policyProperties,
      create: async ({ properties }) => putPolicy(properties),
      update: async ({ properties }) => putPolicy(properties),
      delete: async ({ physicalId }) => {
        const topic = withPolicy(physicalId);
        if (topic) topic.policy = undefined;
      },
      find: (physicalId) => (withPolicy(physicalId) ? { physicalId, attributes: {} } : undefined),
    },
    {
      typeName: 'AWS::SNS::Subscription',
      properties: subscriptionProperties,
      create: async ({ properties: { TopicArn, Endpoint } }) => {
        const physicalId = `${TopicArn}:${randomUUID()}`;
        find(TopicArn).subscriptions.set(physicalId, Endpoint);
        await settle();
        return { physicalId, attributes: { Arn: physicalId } };
      },
      update: async () => {
        throw notModelled('a change of a subscription');
      },
      delete: async ({ physicalId }) => {
        for (const { subscriptions } of topics.values()) subscriptions.delete(physicalId);
      },
      find: (physicalId) =>
        [...topics.values()].some(({ subscriptions }) => subscriptions.has(physicalId))
          ? { physicalId, attributes: { Arn: physicalId } }
          : undefined,
    },
  ];
  return types;
}

const alias = 'alias/aws/sns';

/** The key that AWS keeps for SNS: whoever may publish may use it. */
const managedKey = ({ region, account }: SnsWorld) =>
  z.string().refine((key) => [alias, `arn:aws:kms:${region}:${account}:${alias}`].includes(key), {
    error: 'the sandbox models no key but alias/aws/sns',
  });
