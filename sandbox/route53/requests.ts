import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { AwsError, notModelled } from '../errors';
import type { RecordChange } from './change-batch';
import { canonicalName, parseName } from './names';
import { changeableTypes, type RecordSet } from './record-set';

const lists = new Set(['Change', 'ResourceRecord']);
const parser = new XMLParser({ parseTagValue: false, isArray: (name) => lists.has(name) });

const recordSetShape = z.strictObject({
  Name: z.string(),
  Type: z.string(),
  TTL: z.string().optional(),
  ResourceRecords: z
    .strictObject({ ResourceRecord: z.array(z.strictObject({ Value: z.string() })).min(1) })
    .optional(),
  AliasTarget: z
    .strictObject({
      HostedZoneId: z.string(),
      DNSName: z.string(),
      EvaluateTargetHealth: z.enum(['true', 'false']),
    })
    .optional(),
});

const batchShape = z.strictObject({
  Comment: z.string().max(256).optional(),
  Changes: z.strictObject({
    Change: z
      .array(
        z.strictObject({ Action: z.enum(['CREATE', 'DELETE', 'UPSERT']), ResourceRecordSet: recordSetShape }),
      )
      .min(1),
  }),
});

/** Reads the body of ChangeResourceRecordSets. */
export function parseChanges(body: string): { changes: RecordChange[]; comment: string | undefined } {
  const validity = XMLValidator.validate(body);
  if (validity !== true) throw new AwsError('InvalidInput', `Invalid XML ; ${validity.err.msg}`);
  const root = parser.parse(body, false).ChangeResourceRecordSetsRequest;
  const parsed = batchShape.safeParse(root?.ChangeBatch);
  if (!parsed.success) throw refusalOf(parsed.error);
  return {
    comment: parsed.data.Comment,
    changes: parsed.data.Changes.Change.map((change) => ({
      action: change.Action,
      record: recordSet(change.Action, change.ResourceRecordSet),
    })),
  };
}

/** Routing policies, health checks and the like are parameters that the closed shapes do not list. */
function refusalOf(error: z.ZodError): AwsError {
  const faults = error.issues.map((issue) => {
    if (issue.code !== 'unrecognized_keys')
      return `${issue.path.join('.') || 'ChangeBatch'}: ${issue.message}`;
    throw notModelled(`Route 53 ${issue.keys.map((key) => [...issue.path, key].join('.')).join(', ')}`);
  });
  return new AwsError('InvalidInput', `Invalid XML ; ${faults.join('; ')}`);
}

function recordSet(action: string, given: z.output<typeof recordSetShape>): RecordSet {
  const type = changeableTypes.find((modelled) => modelled === given.Type);
  if (!type) throw notModelled(`changes of Route 53 records of type ${given.Type}`);
  const name = parseName(given.Name);
  const parts = [given.AliasTarget, given.TTL ?? given.ResourceRecords].filter((part) => part !== undefined);
  const complete = given.AliasTarget ?? (given.TTL !== undefined && given.ResourceRecords);
  if (parts.length !== 1 || !complete)
    throw new AwsError(
      'InvalidInput',
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${parts.length > 1 ? 'more than one' : 'none'} in Change with [Action=${action}, Name=${given.Name}, Type=${type}, SetIdentifier=null]`,
    );
  if (given.AliasTarget) {
    const { HostedZoneId, DNSName, EvaluateTargetHealth } = given.AliasTarget;
    const alias = {
      hostedZoneId: HostedZoneId,
      dnsName: canonicalName(DNSName),
      evaluateTargetHealth: EvaluateTargetHealth === 'true',
    };
    return { name, type, alias };
  }
  const values = given.ResourceRecords!.ResourceRecord.map(({ Value }) => Value);
  return { name, type, ttlSeconds: timeToLive(given.TTL!), values };
}

export function timeToLive(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647)
    throw new AwsError('InvalidInput', `Invalid TTL: '${text}' is not a number from 0 to 2147483647`);
  return Number(text);
}
