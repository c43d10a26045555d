import type { z } from 'zod';
import type { AwsError } from './errors';

/** Who asks, and where. Clients are told apart by their access key id. */
export interface Call {
  service: string;
  action: string;
  accessKeyId: string;
  region: string;
  requestId: string;
}

/** One operation: the shape of its input, closed, and what it does. */
export interface Operation {
  input: z.ZodType;
  act: (input: never, call: Call) => Promise<unknown> | unknown;
}

/** Ties the type of an operation's input to its shape. */
export function operation<Shape extends z.ZodType>(
  input: Shape,
  act: (input: z.output<Shape>, call: Call) => Promise<unknown> | unknown,
): Operation {
  return { input, act: act as Operation['act'] };
}

/** A service that speaks AWS's Query protocol (forms in, XML out) or its JSON protocol. */
export interface OperationService {
  /** The name clients sign with, such as `rds` or `elasticbeanstalk`. */
  name: string;
  protocol: 'query' | 'ec2' | 'json';
  /** The XML namespace of its answers; for JSON services the prefix of X-Amz-Target. */
  namespace: string;
  operations: Record<string, Operation>;
  /** The code for an input of another shape, where it is not the usual one of the protocol. */
  invalidInput?: string;
}

export interface RestRequest {
  method: string;
  /** The decoded path, without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
}

export interface RestAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** A service with paths and methods: S3, Route 53. It must refuse whatever it does not model. */
export interface RestService {
  name: string;
  protocol: 'rest-xml';
  /** What each operation may carry in its query, and as conditions in its headers. */
  operations: Record<string, string[]>;
  handle: (request: RestRequest, call: Call) => Promise<RestAnswer>;
  /** Which operation a request means, and on what, before anything is done: for callers with a policy. */
  asked?: (request: RestRequest) => { operation: string; input: object };
  /** The form of its errors, where it is not S3's. */
  refuse?: (error: AwsError, call: Call) => RestAnswer;
}

export type Service = OperationService | RestService;
