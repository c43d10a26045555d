import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { AwsError, notModelled } from '../../sandbox/errors';
import type {
  Call,
  OperationService,
  RestAnswer,
  RestRequest,
  RestService,
  Service,
} from '../../sandbox/service';
import {
  asClientError,
  fromJson,
  fromXml,
  type OperationSchema,
  operationOf,
  toForm,
  toJson,
} from './shapes';

/** A call of a client library's, as far as it matters here. */
export interface Command {
  schema: unknown;
  input: Record<string, unknown>;
}

/** The name under which each client signs. */
const services: Record<string, string> = {
  'com.amazonaws.rds': 'rds',
  'com.amazonaws.elasticbeanstalk': 'elasticbeanstalk',
  'com.amazonaws.ssm': 'ssm',
  'com.amazonaws.cloudformation': 'cloudformation',
  'com.amazonaws.autoscaling': 'autoscaling',
  'com.amazonaws.iam': 'iam',
  'com.amazonaws.sts': 'sts',
  'com.amazonaws.wafv2': 'wafv2',
  'com.amazonaws.acm': 'acm',
  'com.amazonaws.s3': 's3',
  'com.amazonaws.route53': 'route53',
  'com.amazonaws.sns': 'sns',
};

/** Carries calls to the sandbox's services in this process: the same operations, by the same shapes, without a socket. */
export class Transport {
  private readonly byName: Map<string, Service>;

  constructor(
    all: Service[],
    private readonly region: string,
    private readonly accessKeyId: string,
  ) {
    this.byName = new Map(all.map((service) => [service.name, service]));
  }

  /** @throws the client library's own errors */
  async carry(command: Command): Promise<unknown> {
    const operation = operationOf(command);
    const service = this.byName.get(services[operation.namespace] ?? '');
    try {
      if (!service) throw notModelled(`the service of ${operation.namespace}`);
      const call = { ...this.call(operation, service), action: operation.name };
      if (service.protocol === 'rest-xml') return await this.rest(service, operation, command, call);
      return await this.operate(service, operation, command, call);
    } catch (error) {
      if (error instanceof AwsError) throw asClientError(operation.namespace, error);
      throw error;
    }
  }

  private call(operation: OperationSchema, { name }: Service): Call {
    const { accessKeyId, region } = this;
    return { service: name, action: operation.name, accessKeyId, region, requestId: 'simulated' };
  }

  private async operate(
    service: OperationService,
    { name, input, output }: OperationSchema,
    command: Command,
    call: Call,
  ): Promise<unknown> {
    if (!Object.hasOwn(service.operations, name)) throw notModelled(`${service.name} ${name}`);
    const operation = service.operations[name]!;
    const isJson = service.protocol === 'json';
    const given = (isJson ? toJson : toForm)(input)(command.input as never);
    const parsed = operation.input.safeParse(given);
    if (!parsed.success)
      throw new AwsError('ValidationError', `${service.name} ${name}: ${parsed.error.message}`);
    const answer = (await operation.act(parsed.data as never, call)) ?? {};
    return (isJson ? fromJson : fromXml)(output)(answer as never);
  }

  private async rest(service: RestService, operation: OperationSchema, command: Command, call: Call) {
    const quick = service.name === 's3' ? this.ofObject(operation.name, command.input) : undefined;
    if (quick) {
      const answer = await service.handle(quick, call);
      const text = String(answer.body ?? '');
      return { ETag: answer.headers?.etag, Body: { transformToString: async () => text } };
    }
    const wire = service.name === 's3' ? wires.s3 : wires.route53;
    const input = service.name === 's3' ? command.input : withBareIds(command.input);
    const request = await wire.serialise({ schema: command.schema, input });
    return wire.deserialise(command, await service.handle(request, call));
  }

  /** The two calls that every line of a journal needs. */
  private ofObject(name: string, input: Record<string, unknown>): RestRequest | undefined {
    if (name !== 'GetObject' && name !== 'PutObject') return undefined;
    const headers: RestRequest['headers'] = {};
    if (input.IfNoneMatch !== undefined) headers['if-none-match'] = String(input.IfNoneMatch);
    if (input.IfMatch !== undefined) headers['if-match'] = String(input.IfMatch);
    if (input.ContentType !== undefined) headers['content-type'] = String(input.ContentType);
    return {
      method: name === 'GetObject' ? 'GET' : 'PUT',
      path: `/${input.Bucket}/${input.Key}`,
      query: new URLSearchParams(),
      headers,
      body: Buffer.from(String(input.Body ?? '')),
    };
  }
}

/** Route 53's client takes an id as it was given one, with its path. */
function withBareIds(input: Record<string, unknown>): Record<string, unknown> {
  const bare = ['HostedZoneId', 'Id'].flatMap((name) => {
    const id = input[name];
    return typeof id === 'string' ? [[name, id.replace(/^\/(hostedzone|change)\//, '')]] : [];
  });
  return { ...input, ...Object.fromEntries(bare) };
}

interface Protocol {
  serializeRequest(schema: object, input: object, context: object): Promise<Wire>;
  deserializeResponse(schema: object, context: object, response: object): Promise<unknown>;
}

interface Wire {
  method: string;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

/** The library's own writing and reading, for services with paths. */
class RestWire {
  private readonly protocol: Protocol;
  private readonly context: object;

  constructor(client: { config: unknown }) {
    const config = client.config as { protocol: Protocol };
    this.protocol = config.protocol;
    const endpoint = async () => ({ protocol: 'https:', hostname: 'aws', path: '/' });
    this.context = { ...config, endpoint };
  }

  async serialise(command: Command): Promise<RestRequest> {
    const {
      method,
      path,
      query,
      headers,
      body = '',
    } = await this.protocol.serializeRequest(objectOf(command), command.input, this.context);
    const words = Object.entries(query).flatMap(([name, value]) => [
      [name, String(value ?? '')] as [string, string],
    ]);
    const bucket = command.input.Bucket === undefined ? '' : `/${command.input.Bucket}`;
    return {
      method,
      path: decodeURIComponent(bucket === '' || path.startsWith(bucket) ? path : bucket + path),
      query: new URLSearchParams(words),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      body: Buffer.from(body),
    };
  }

  async deserialise(command: Command, { status, headers = {}, body = '' }: RestAnswer): Promise<unknown> {
    const response = { statusCode: status, headers, body: new Uint8Array(Buffer.from(body)) };
    return this.protocol.deserializeResponse(objectOf(command), this.context, response);
  }
}

/** The protocol takes the schema of an operation by its parts. */
function objectOf(command: Command): object {
  const [, namespace, name, traits, input, output] = command.schema as [
    number,
    string,
    string,
    object,
    object,
    object,
  ];
  return { namespace, name, traits, input, output };
}

const withoutNetwork = {
  region: 'ap-southeast-2',
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
};
const wires = {
  s3: new RestWire(new S3Client({ ...withoutNetwork, forcePathStyle: true })),
  route53: new RestWire(new Route53Client(withoutNetwork)),
};
