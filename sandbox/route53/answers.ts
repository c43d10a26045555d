import type { AwsError } from '../errors';
import { toXml } from '../protocol/query';
import type { Call, RestAnswer } from '../service';
import type { HostedZone } from './hosted-zone';
import type { Change } from './hosted-zones';
import { absolute } from './names';
import type { RecordSet } from './record-set';

const xmlns = 'https://route53.amazonaws.com/doc/2013-04-01/';

export function answer(name: string, call: Call, content: object): RestAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': call.requestId },
    body: toXml({ [name]: { '@xmlns': xmlns, ...content } }),
  };
}

/** Route 53's errors look like those of the Query protocol. */
export function refusal(error: AwsError, call: Call): RestAnswer {
  const body = {
    Error: { Type: 'Sender', Code: error.code, Message: error.message },
    RequestId: call.requestId,
  };
  return { ...answer('ErrorResponse', call, body), status: error.status };
}

export function hostedZoneXml(zone: HostedZone): object {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: absolute(zone.name),
    CallerReference: `sandbox-${zone.id}`,
    Config: { PrivateZone: false },
    ResourceRecordSetCount: zone.current.size,
  };
}

export function recordSetXml({ name, type, ttlSeconds, values, alias }: RecordSet): object {
  return {
    Name: absolute(name),
    Type: type,
    TTL: ttlSeconds,
    ResourceRecords: values && { ResourceRecord: values.map((Value) => ({ Value })) },
    AliasTarget: alias && {
      HostedZoneId: alias.hostedZoneId,
      DNSName: absolute(alias.dnsName),
      EvaluateTargetHealth: alias.evaluateTargetHealth,
    },
  };
}

export function changeXml(change: Change): object {
  return {
    ChangeInfo: {
      Id: `/change/${change.id}`,
      Status: change.status,
      SubmittedAt: new Date(change.submittedAtMs),
      Comment: change.comment,
    },
  };
}
