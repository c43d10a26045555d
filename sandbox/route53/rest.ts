import { z } from 'zod';
import { AwsError, notModelled } from '../errors';
import type { Call, RestAnswer, RestRequest, RestService } from '../service';
import { answer, changeXml, hostedZoneXml, recordSetXml, refusal } from './answers';
import type { HostedZones } from './hosted-zones';
import { absolute, canonicalName, compareAscii, sortKey } from './names';
import { parseChanges } from './requests';

type Act = (
  zones: HostedZones,
  id: string,
  request: RestRequest,
  call: Call,
) => RestAnswer | Promise<RestAnswer>;

const maxItems = z.coerce.number().int().min(1).optional();
const nothing = z.strictObject({});
const zonesQuery = z.strictObject({ marker: z.string().optional(), maxitems: maxItems });
const zonesByNameQuery = z.strictObject({
  dnsname: z.string().optional(),
  hostedzoneid: z.string().optional(),
  maxitems: maxItems,
});
const recordSetsQuery = z.strictObject({
  name: z.string().optional(),
  type: z.string().optional(),
  maxitems: maxItems,
});

/** The operations of API version 2013-04-01 that the sandbox knows. The path's last variable part is the id. */
const routes: { action: string; method: string; path: RegExp; query: z.ZodObject; act: Act }[] = [
  {
    action: 'ListHostedZones',
    method: 'GET',
    path: /^\/hostedzone$/,
    query: zonesQuery,
    act: listHostedZones,
  },
  {
    action: 'ListHostedZonesByName',
    method: 'GET',
    path: /^\/hostedzonesbyname$/,
    query: zonesByNameQuery,
    act: listHostedZonesByName,
  },
  {
    action: 'GetHostedZone',
    method: 'GET',
    path: /^\/hostedzone\/([^/]+)$/,
    query: nothing,
    act: getHostedZone,
  },
  {
    action: 'ListResourceRecordSets',
    method: 'GET',
    path: /^\/hostedzone\/([^/]+)\/rrset$/,
    query: recordSetsQuery,
    act: listRecordSets,
  },
  {
    action: 'ChangeResourceRecordSets',
    method: 'POST',
    path: /^\/hostedzone\/([^/]+)\/rrset$/,
    query: nothing,
    act: changeRecordSets,
  },
  { action: 'GetChange', method: 'GET', path: /^\/change\/([^/]+)$/, query: nothing, act: getChange },
  {
    action: 'ListTagsForResource',
    method: 'GET',
    path: /^\/tags\/hostedzone\/([^/]+)$/,
    query: nothing,
    act: listTags,
  },
];

export function route53Service(zones: HostedZones): RestService {
  return {
    name: 'route53',
    protocol: 'rest-xml',
    operations: Object.fromEntries(routes.map(({ action, query }) => [action, Object.keys(query.shape)])),
    refuse: refusal,
    handle: async (request, call) => {
      const { action, act, id } = routeOf(request);
      call.action = action;
      return act(zones, id, request, call);
    },
    asked: (request) => {
      const { action, id } = routeOf(request);
      const changing = action === 'ChangeResourceRecordSets';
      const changes = changing ? parseChanges(request.body.toString()).changes : [];
      const named = changes.map(({ action: each, record: { name, type } }) => ({ action: each, name, type }));
      return { operation: action, input: { id, changes: named } };
    },
  };
}

function routeOf(request: RestRequest) {
  const path = request.path.replace(/^\/2013-04-01/, '').replace(/\/$/, '');
  const route = routes.find((known) => known.method === request.method && known.path.test(path));
  if (!route || path === request.path) throw notModelled(`Route 53 ${request.method} ${request.path}`);
  return { ...route, id: route.path.exec(path)![1] ?? '' };
}

/** The query of a list, closed: what is not in the shape is refused by name. */
function query<Shape extends z.ZodType>(shape: Shape, request: RestRequest, call: Call): z.output<Shape> {
  const parsed = shape.safeParse(Object.fromEntries(request.query));
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    if (issue.code === 'unrecognized_keys')
      throw notModelled(`Route 53 ${call.action} ${issue.keys.join(', ')}`);
  throw new AwsError('InvalidInput', `${call.action}: ${z.prettifyError(parsed.error)}`);
}

function listHostedZones(zones: HostedZones, _id: string, request: RestRequest, call: Call): RestAnswer {
  const asked = query(zonesQuery, request, call);
  const size = Math.min(asked.maxitems ?? 100, 100);
  const { marker } = asked;
  if (marker !== undefined && !zones.byId().some(({ id }) => id === marker))
    throw new AwsError('InvalidInput', `No hosted zone found with the marker ${marker}`);
  const rest = zones.byId().filter((zone) => zone.id >= (marker ?? ''));
  return answer('ListHostedZonesResponse', call, {
    HostedZones: { HostedZone: rest.slice(0, size).map(hostedZoneXml) },
    Marker: marker,
    IsTruncated: rest.length > size,
    NextMarker: rest[size]?.id,
    MaxItems: size,
  });
}

function listHostedZonesByName(
  zones: HostedZones,
  _id: string,
  request: RestRequest,
  call: Call,
): RestAnswer {
  const asked = query(zonesByNameQuery, request, call);
  if (asked.hostedzoneid !== undefined && asked.dnsname === undefined)
    throw new AwsError('InvalidInput', 'HostedZoneId needs DNSName beside it.');
  const start = asked.dnsname === undefined ? '' : sortKey(canonicalName(asked.dnsname));
  const size = Math.min(asked.maxitems ?? 100, 100);
  const rest = zones.byName().filter((zone) => {
    const order = compareAscii(sortKey(zone.name), start);
    return order > 0 || (order === 0 && zone.id >= (asked.hostedzoneid ?? ''));
  });
  const next = rest[size];
  return answer('ListHostedZonesByNameResponse', call, {
    HostedZones: { HostedZone: rest.slice(0, size).map(hostedZoneXml) },
    DNSName: asked.dnsname,
    HostedZoneId: asked.hostedzoneid,
    IsTruncated: next !== undefined,
    NextDNSName: next && absolute(next.name),
    NextHostedZoneId: next?.id,
    MaxItems: size,
  });
}

function getHostedZone(zones: HostedZones, id: string, request: RestRequest, call: Call): RestAnswer {
  query(nothing, request, call);
  const zone = zones.zone(id);
  return answer('GetHostedZoneResponse', call, {
    HostedZone: hostedZoneXml(zone),
    DelegationSet: { NameServers: { NameServer: zone.nameServers() } },
  });
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html */
function listRecordSets(zones: HostedZones, id: string, request: RestRequest, call: Call): RestAnswer {
  const asked = query(recordSetsQuery, request, call);
  if (asked.type !== undefined && asked.name === undefined)
    throw new AwsError('InvalidInput', 'StartRecordType needs StartRecordName beside it.');
  const start = asked.name === undefined ? '' : sortKey(canonicalName(asked.name));
  const size = Math.min(asked.maxitems ?? 300, 300);
  const rest = zones
    .zone(id)
    .listed()
    .filter((record) => {
      const order = compareAscii(sortKey(record.name), start);
      return order > 0 || (order === 0 && record.type >= (asked.type ?? ''));
    });
  const next = rest[size];
  return answer('ListResourceRecordSetsResponse', call, {
    ResourceRecordSets: { ResourceRecordSet: rest.slice(0, size).map(recordSetXml) },
    IsTruncated: next !== undefined,
    NextRecordName: next && absolute(next.name),
    NextRecordType: next?.type,
    MaxItems: size,
  });
}

function changeRecordSets(zones: HostedZones, id: string, request: RestRequest, call: Call): RestAnswer {
  query(nothing, request, call);
  zones.zone(id);
  const { changes, comment } = parseChanges(request.body.toString());
  return answer('ChangeResourceRecordSetsResponse', call, changeXml(zones.change(id, changes, comment)));
}

async function getChange(
  zones: HostedZones,
  id: string,
  request: RestRequest,
  call: Call,
): Promise<RestAnswer> {
  query(nothing, request, call);
  return answer('GetChangeResponse', call, changeXml(await zones.settledChange(id)));
}

function listTags(zones: HostedZones, id: string, request: RestRequest, call: Call): RestAnswer {
  query(nothing, request, call);
  return answer('ListTagsForResourceResponse', call, {
    ResourceTagSet: { ResourceType: 'hostedzone', ResourceId: zones.zone(id).id, Tags: '' },
  });
}
