import type { Door, WebRequest, WebResponse, World } from '../world';
import { firstMatch } from './matching';
import type { AclContent, Action } from './rules';
import type { Samples } from './samples';
import type { Position, WafStore } from './store';

/** A handful, so that a run of requests meets old and new ones while a change is on its way. */
const nodes = 5;

/** From where a request comes that does not say it: of the addresses reserved for documentation, RFC 5737. */
export const unknownClientAddress = '198.51.100.200';

const contentTypes = {
  TEXT_PLAIN: 'text/plain',
  TEXT_HTML: 'text/html',
  APPLICATION_JSON: 'application/json',
};

/**
 * What AWS WAF makes of requests at the load balancers. Each client's go round its nodes, and of these the first
 * learns of a change at once, the last when `webAclPropagationMs` is over, the others at even times in between.
 * https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-testing.html#web-acl-testing-inconsistencies
 */
export function doorOf(
  store: WafStore,
  { clock, durations }: Pick<World, 'clock' | 'durations'>,
  samples: Pick<Samples, 'note'>,
): Door {
  const turns = new Map<string, number>();
  const positionAt = (node: number) =>
    store.at(clock.nowMs() - (durations.webAclPropagationMs * node) / (nodes - 1));
  return {
    refusal: (loadBalancerArn, request) => {
      const clientAddress = request.clientAddress ?? unknownClientAddress;
      const turn = turns.get(clientAddress) ?? 0;
      turns.set(clientAddress, turn + 1);
      return judged(positionAt(turn % nodes), loadBalancerArn, { ...request, clientAddress }, (...decided) =>
        samples.note(...decided),
      );
    },
    letsThrough: (loadBalancerArn, request) => {
      // But for the time of a change all nodes know the same.
      if (positionAt(nodes - 1) === store.now) return passes(store.now, loadBalancerArn, request);
      return Array.from({ length: nodes }, (_, node) => positionAt(node)).some((position) =>
        passes(position, loadBalancerArn, request),
      );
    },
  };
}

/** A position never changes, and the judge asks the same of it at each happening. */
const passed = new WeakMap<Position, WeakMap<WebRequest, Map<string, boolean>>>();

function passes(position: Position, loadBalancerArn: string, request: WebRequest): boolean {
  const ofPosition = passed.get(position) ?? new WeakMap<WebRequest, Map<string, boolean>>();
  passed.set(position, ofPosition);
  const known = ofPosition.get(request) ?? new Map<string, boolean>();
  ofPosition.set(request, known);
  const clientAddress = request.clientAddress ?? unknownClientAddress;
  const does =
    known.get(loadBalancerArn) ?? !judged(position, loadBalancerArn, { ...request, clientAddress }, () => {});
  known.set(loadBalancerArn, does);
  return does;
}

function judged(
  position: Position,
  loadBalancerArn: string,
  request: WebRequest & { clientAddress: string },
  note: Samples['note'],
): WebResponse | undefined {
  const acl = position.acls.get(position.associations.get(loadBalancerArn) ?? '');
  if (!acl) return undefined;
  const { content } = acl;
  const { clientAddress } = request;
  const rule = firstMatch(content.Rules, { request, clientAddress, ipSets: position.ipSets });
  if (rule) note(acl, rule, request);
  return answerOf(rule?.Action ?? content.DefaultAction, content);
}

function answerOf({ Block }: Action, { CustomResponseBodies = {} }: AclContent): WebResponse | undefined {
  if (!Block) return undefined;
  const server = { server: 'awselb/2.0' };
  if (!Block.CustomResponse)
    return { status: 403, headers: { ...server, 'content-type': 'text/html' }, body: forbidden };
  const { ResponseCode, CustomResponseBodyKey: key, ResponseHeaders = [] } = Block.CustomResponse;
  const body = key === undefined ? undefined : CustomResponseBodies[key];
  const own = ResponseHeaders.map(({ Name, Value }) => [Name.toLowerCase(), Value]);
  const type = body && { 'content-type': contentTypes[body.ContentType] };
  return {
    status: ResponseCode,
    headers: { ...server, ...type, ...Object.fromEntries(own) },
    body: body?.Content ?? '',
  };
}

const forbidden = '<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>';
