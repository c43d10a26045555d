import { randomBytes } from 'node:crypto';
import { AwsError, notModelled } from '../errors';
import { expired, unknownKey } from '../protocol/refusals';
import { input, integer, list, tags, text } from '../protocol/shapes';
import type { Caller } from '../rights/callers';
import { type Call, type Operation, type OperationService, operation, type Service } from '../service';
import type { World } from '../world';

/** Who holds an access key. */
interface Holder {
  arn: string;
  userId: string;
  secret: string;
  expiresAtMs: number;
}

export interface StsOptions {
  world: Pick<World, 'account' | 'clock'>;
  /** The access key ids that the sandbox hands out to its operators. */
  accessKeyIds: string[];
  /** Refuses what a caller may not do. */
  check?: (caller: Caller, service: string, operation: string, input: unknown) => void;
}

/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
const bootstrapRole =
  /^cdk-[a-z0-9]+-(deploy|lookup|(file|image)-publishing|cfn-exec)-role-\d{12}-[a-z0-9-]+$/;
/** The secret of every operator's key. */
export const operatorSecret = 'sandbox';
const yearMs = 365 * 24 * 60 * 60_000;

/**
 * The Security Token Service, and the check of access keys for every other service.
 *
 * The errors are AWS's common ones: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export function createSts({ world, accessKeyIds, check = () => {} }: StsOptions) {
  const holders = new Map<string, Holder>();
  for (const accessKeyId of accessKeyIds) {
    const arn = `arn:aws:iam::${world.account}:user/operator`;
    const expiresAtMs = Number.POSITIVE_INFINITY;
    holders.set(accessKeyId, { arn, userId: 'AIDASANDBOXOPERATOR', secret: operatorSecret, expiresAtMs });
  }

  /** Throws for a key that was never handed out, or has expired. */
  function authorise(call: Call, asked: Pick<Service, 'name' | 'protocol'> = service): Holder {
    const holder = holders.get(call.accessKeyId);
    if (!holder) throw unknownKey(asked);
    if (holder.expiresAtMs <= world.clock.nowMs()) throw expired(asked);
    return holder;
  }

  /** The same service, which first asks who calls. */
  function guarded(other: Service): Service {
    if (other.protocol === 'rest-xml')
      return {
        ...other,
        handle: (request, call) => {
          const holder = authorise(call, other);
          const asked = other.asked?.(request);
          const caller = { accessKeyId: call.accessKeyId, arn: holder.arn };
          check(caller, other.name, asked?.operation ?? '', asked?.input);
          return other.handle(request, call);
        },
      };
    const operations = Object.entries(other.operations).map(([name, inner]): [string, Operation] => [
      name,
      {
        input: inner.input,
        act: (parsed, call) => {
          const holder = authorise(call, other);
          check({ accessKeyId: call.accessKeyId, arn: holder.arn }, other.name, name, parsed);
          return inner.act(parsed, call);
        },
      },
    ]);
    return { ...other, operations: Object.fromEntries(operations) };
  }

  const secretOf = (accessKeyId: string) => holders.get(accessKeyId)?.secret;
  const arnOf = (accessKeyId: string) => holders.get(accessKeyId)?.arn ?? 'nobody';

  /** Ends a key's life now, as the end of a session's hours would. */
  function expire(accessKeyId: string): void {
    const holder = holders.get(accessKeyId);
    if (holder) holder.expiresAtMs = world.clock.nowMs();
  }

  const getCallerIdentity = operation(input({}), (_, call) => {
    const holder = authorise(call);
    return { Arn: holder.arn, UserId: holder.userId, Account: world.account };
  });

  const assumeRole = operation(
    input({
      RoleArn: text.min(20).max(2048),
      RoleSessionName: text.regex(/^[\w+=,.@-]{2,64}$/),
      DurationSeconds: integer.optional(),
      ExternalId: text.optional(),
      Tags: tags.optional(),
      TransitiveTagKeys: list(text).optional(),
    }),
    (request, call) => {
      const caller = authorise(call);
      check({ accessKeyId: call.accessKeyId, arn: caller.arn }, 'sts', 'AssumeRole', request);
      const role = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(request.RoleArn);
      if (!role) throw new AwsError('ValidationError', `${request.RoleArn} is invalid`);
      if (role[1] !== world.account)
        throw new AwsError(
          'AccessDenied',
          `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${request.RoleArn}`,
          403,
        );
      if (!bootstrapRole.test(role[2] as string))
        throw notModelled(`the role ${role[2]} in sts AssumeRole, only those that cdk bootstrap makes`);
      if (request.ExternalId !== undefined) throw notModelled('an ExternalId in sts AssumeRole');
      return session(role[2] as string, request.RoleSessionName);
    },
  );

  /** The expiry lies far ahead, whatever was asked: clients compare it with the wall's time, not the sandbox's. */
  function session(role: string, name: string) {
    const accessKeyId = `ASIA${randomBytes(10).toString('hex').slice(0, 16).toUpperCase()}`;
    const arn = `arn:aws:sts::${world.account}:assumed-role/${role}/${name}`;
    const userId = `AROASANDBOX:${name}`;
    const expiresAtMs = Math.max(world.clock.nowMs(), Date.now()) + 10 * yearMs;
    const secret = randomBytes(20).toString('hex');
    holders.set(accessKeyId, { arn, userId, secret, expiresAtMs });
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: secret,
        SessionToken: randomBytes(48).toString('base64'),
        Expiration: new Date(expiresAtMs),
      },
      AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
      PackedPolicySize: 0,
    };
  }

  const service: OperationService = {
    name: 'sts',
    protocol: 'query',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: { GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole },
  };
  return { service, resourceTypes: [], guarded, expire, arnOf, secretOf };
}
