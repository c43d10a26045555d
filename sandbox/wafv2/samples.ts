import { z } from 'zod';
import { notModelled } from '../errors';
import { type Operation, operation } from '../service';
import type { WebRequest, World } from '../world';
import { invalidParameter } from './refusals';
import type { Action, DataProtection, Rule, WebAcl } from './rules';
import { scope } from './shapes';

const keptMs = 3 * 60 * 60_000;
/** Among the first so many of a time range AWS WAF chooses. */
const mostChosenFrom = 5_000;

interface Sampled {
  atMs: number;
  aclArn: string;
  metric: string;
  request: WebRequest & { clientAddress: string };
  action: 'ALLOW' | 'BLOCK';
  status: number | undefined;
}

/** The requests that rules which keep samples have decided on in the last three hours. */
export class Samples {
  private readonly kept: Sampled[] = [];

  constructor(private readonly clock: Pick<World['clock'], 'nowMs'>) {}

  /** Notes what a rule has decided, if it keeps samples. What its web ACL protects is never kept. */
  note(acl: WebAcl, { Action, VisibilityConfig }: Rule, request: Sampled['request']): void {
    if (!VisibilityConfig.SampledRequestsEnabled) return;
    const atMs = this.clock.nowMs();
    const youngest = this.kept.findIndex((each) => each.atMs > atMs - keptMs);
    this.kept.splice(0, youngest === -1 ? this.kept.length : youngest);
    this.kept.push({
      ...{ atMs, aclArn: acl.arn, metric: VisibilityConfig.MetricName, ...decisionOf(Action) },
      request: guarded(request, acl.content.DataProtectionConfig?.DataProtections ?? []),
    });
  }

  between(aclArn: string, metric: string, startMs: number, endMs: number): Sampled[] {
    return this.kept.filter(
      (each) =>
        each.aclArn === aclArn && each.metric === metric && each.atMs >= startMs && each.atMs <= endMs,
    );
  }
}

const decisionOf = ({ Block }: Action) => ({
  action: Block ? ('BLOCK' as const) : ('ALLOW' as const),
  status: Block?.CustomResponse?.ResponseCode,
});

/** https://docs.aws.amazon.com/waf/latest/APIReference/API_DataProtection.html */
function guarded(request: Sampled['request'], protections: DataProtection[]): Sampled['request'] {
  const fields = protections.map(({ Field }) => Field);
  const guards = (type: string) => fields.some(({ FieldType }) => FieldType === type);
  const cookies = (text: string) => text.replace(/=[^;]*/g, '=REDACTED');
  const headers = Object.entries(request.headers).map(([name, value]) =>
    name.toLowerCase() === 'cookie' && guards('SINGLE_COOKIE') ? [name, cookies(value)] : [name, value],
  );
  const path = guards('QUERY_STRING') ? request.path.replace(/\?.*$/s, '?REDACTED') : request.path;
  return { ...request, path, headers: Object.fromEntries(headers) };
}

/** Seconds since 1970, as JSON protocols write times. */
const moment = z.number().transform((seconds) => seconds * 1_000);

/**
 * A sample is all there is where that is no more than is asked for, and spread evenly where it is more.
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_GetSampledRequests.html
 */
export function sampleOperations(
  samples: Samples,
  aclOf: (arn: string) => WebAcl,
  clock: Pick<World['clock'], 'nowMs'>,
): Record<string, Operation> {
  return {
    GetSampledRequests: operation(
      z.strictObject({
        WebAclArn: z.string().min(20),
        RuleMetricName: z.string().regex(/^[\w#:.\-/]{1,255}$/),
        Scope: scope,
        TimeWindow: z.strictObject({ StartTime: moment, EndTime: moment }),
        MaxItems: z.number().int().min(1).max(500),
      }),
      ({ WebAclArn, RuleMetricName: metric, TimeWindow: { StartTime, EndTime }, MaxItems }) => {
        const acl = aclOf(WebAclArn);
        if (acl.content.Rules.every(({ VisibilityConfig: { MetricName } }) => MetricName !== metric))
          throw notModelled(`samples by ${metric}, only by the metric of a rule of the web ACL`);
        if (EndTime < StartTime) throw invalidParameter('The time window ends before it starts.');
        const startMs = Math.max(StartTime, clock.nowMs() - keptMs);
        const all = samples.between(acl.arn, metric, startMs, EndTime).slice(0, mostChosenFrom);
        const step = Math.max(1, all.length / MaxItems);
        const chosen = all.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
        const endMs = all.length === mostChosenFrom ? all.at(-1)!.atMs : EndTime;
        return {
          SampledRequests: chosen.map((each) => described(each, Math.round(step))),
          PopulationSize: all.length,
          TimeWindow: { StartTime: startMs / 1_000, EndTime: endMs / 1_000 },
        };
      },
    ),
  };
}

function described({ atMs, request, action, status }: Sampled, Weight: number) {
  const headers = Object.entries({ Host: request.host, ...request.headers });
  return {
    Request: {
      ClientIP: request.clientAddress,
      URI: request.path,
      Method: request.method,
      HTTPVersion: 'HTTP/1.1',
      Headers: headers.map(([Name, Value]) => ({ Name, Value })),
    },
    Weight,
    Timestamp: atMs / 1_000,
    Action: action,
    ResponseCodeSent: status,
  };
}
