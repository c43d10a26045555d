import { GetTopicAttributesCommand, NotFoundException, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { parameterNames, topicArn } from '../names';
import type { Clock } from '../runbook/clock';
import { PreconditionError } from '../runbook/errors';
import type { Settings } from '../settings';
import type { Channel, People } from '../upgrade/people-ports';
import type { Clients } from './clients';

const timeoutMs = 10_000;
/** Whoever cannot be told soon is not waited for at the end of a run. */
const soon = { maxAttempts: 2 };
const longestSubject = 100;

/** People who subscribed to a topic of SNS, and those who read what a web hook writes. */
export class TopicAndWebHook implements People {
  private readonly sns: SNSClient;
  private readonly ssm: SSMClient;
  private readonly topic: string;
  /** Once it is known: the address of the web hook, or that there is none. */
  private hook: { address: URL | undefined } | undefined;

  constructor(
    clients: Clients,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    this.sns = clients.make(SNSClient, soon);
    this.ssm = clients.make(SSMClient, soon);
    this.topic = topicArn(settings);
  }

  channels(): Channel[] {
    return [
      { name: 'topic', isKept: async () => true, send: (subject, text) => this.publish(subject, text) },
      {
        name: 'web hook',
        isKept: async () => (await this.webHook()) !== undefined,
        send: async (_, text) => this.post((await this.webHook())!, text),
      },
    ];
  }

  /** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
  async subscribers() {
    const { Attributes: counted = {} } = await this.known(() =>
      this.sns.send(new GetTopicAttributesCommand({ TopicArn: this.topic })),
    );
    const { SubscriptionsConfirmed = 0, SubscriptionsPending = 0 } = counted;
    return { confirmed: Number(SubscriptionsConfirmed), pending: Number(SubscriptionsPending) };
  }

  /** A subject is ASCII of at most a hundred characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  private async publish(subject: string, text: string): Promise<void> {
    const plain = subject.replace(/[^ -~]/g, '?').slice(0, longestSubject);
    await this.known(() =>
      this.sns.send(new PublishCommand({ TopicArn: this.topic, Subject: plain, Message: text })),
    );
  }

  private async known<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (!(cause instanceof NotFoundException)) throw cause;
      throw new PreconditionError(
        'TOPIC_MISSING',
        {
          so: `The topic ${this.topic} is not there.`,
          next: 'Deploy the stack that makes it: npx cdk deploy --all',
        },
        { cause },
      );
    }
  }

  private async webHook(): Promise<URL | undefined> {
    this.hook ??= { address: await this.readWebHook() };
    return this.hook.address;
  }

  /** The address is a secret: whoever knows it can write there. Undefined where none is kept. */
  private async readWebHook(): Promise<URL | undefined> {
    const name = parameterNames(this.settings).webHook;
    try {
      const { Parameter } = await this.ssm.send(
        new GetParameterCommand({ Name: name, WithDecryption: true }),
      );
      return checked(Parameter?.Value ?? '', name);
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  /** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
  private async post(hook: URL, text: string): Promise<void> {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
      redirect: 'error' as const,
      signal: AbortSignal.timeout(timeoutMs),
    };
    // What fetch says of a failure may hold the address: only its code is told.
    const answer = await this.clock.working(() =>
      fetch(hook, request).catch((error) => {
        throw unanswered(String(error.cause?.code ?? error.name));
      }),
    );
    if (!answer.ok) throw unanswered(`it answers ${answer.status}`);
  }
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

function checked(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.has(url.hostname))) return url;
  throw new PreconditionError('WEB_HOOK_INVALID', {
    so: `The parameter ${name} does not hold an address that begins with https://.`,
    next: `Put it there again: aws ssm put-parameter --overwrite --type SecureString --name ${name} --value ADDRESS`,
  });
}

function unanswered(why: string): PreconditionError {
  return new PreconditionError('WEB_HOOK_UNANSWERED', {
    so: `The web hook did not take the message: ${why}.`,
    next: 'Look whether its address is still the one that its service shows, then: npm run message',
  });
}
