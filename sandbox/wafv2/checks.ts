import { isIPv4 } from 'node:net';
import { invalidParameter, nonexistent, overLimit } from './refusals';
import {
  type AclContent,
  type Action,
  capacityOf,
  type IpSet,
  type ResponseBody,
  statementsIn,
} from './rules';

/** https://docs.aws.amazon.com/waf/latest/developerguide/limits.html */
const longestBodyBytes = 4 * 1024;
const mostBodies = 50;
const longestBodiesBytes = 50 * 1024;
const mostHeaders = 10;
const mostHeadersInAll = 100;
const mostReferences = 50;
const mostCapacity = 5_000;
const mostAddresses = 10_000;

/** Refuses what the shape of a web ACL cannot tell: names used twice, what it refers to, and quotas. */
export function checkContent(content: AclContent, ipSets: ReadonlyMap<string, IpSet>): void {
  const { DefaultAction, Rules, CustomResponseBodies = {} } = content;
  for (const key of ['Name', 'Priority'] as const)
    if (new Set(Rules.map((rule) => rule[key])).size < Rules.length)
      throw invalidParameter(`Two rules have the same ${key}., field: RULE, parameter: ${key}`);
  const references = Rules.flatMap(({ Statement }) => statementsIn(Statement)).flatMap(
    ({ IPSetReferenceStatement: reference }) => reference ?? [],
  );
  if (references.some(({ ARN }) => !ipSets.has(ARN))) throw nonexistent();
  if (references.length > mostReferences) throw overLimit(`${mostReferences} references in a web ACL`);
  checkResponses([DefaultAction, ...Rules.map(({ Action }) => Action)], CustomResponseBodies);
  checkBodies(Object.values(CustomResponseBodies).map((body) => Buffer.byteLength(body.Content)));
  if (capacityOf(Rules) > mostCapacity) throw overLimit(`${mostCapacity} capacity units in a web ACL`);
}

function checkResponses(actions: Action[], bodies: Record<string, ResponseBody>): void {
  const responses = actions.flatMap(({ Block }) => Block?.CustomResponse ?? []);
  for (const { CustomResponseBodyKey: key, ResponseHeaders: headers = [] } of responses) {
    if (key !== undefined && !Object.hasOwn(bodies, key))
      throw invalidParameter(
        `The web ACL has no custom response body with this key., field: CUSTOM_RESPONSE, parameter: ${key}`,
      );
    if (headers.length > mostHeaders) throw overLimit(`${mostHeaders} headers in a custom response`);
  }
  if (responses.flatMap(({ ResponseHeaders = [] }) => ResponseHeaders).length > mostHeadersInAll)
    throw overLimit(`${mostHeadersInAll} custom response headers in a web ACL`);
}

function checkBodies(bytes: number[]): void {
  if (bytes.length > mostBodies) throw overLimit(`${mostBodies} custom response bodies in a web ACL`);
  if (bytes.some((length) => length > longestBodyBytes))
    throw overLimit(`${longestBodyBytes} bytes in a custom response body`);
  if (bytes.reduce((sum, length) => sum + length, 0) > longestBodiesBytes)
    throw overLimit(`${longestBodiesBytes} bytes in all custom response bodies of a web ACL`);
}

/**
 * CIDR notation, anything but /0: https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSet.html
 * No bits behind those of the network: https://github.com/aws/aws-cdk/issues/20003
 */
export function checkAddresses(addresses: string[]): void {
  const wrong = addresses.find((each) => {
    const [address = '', bits = '', ...more] = each.split('/');
    if (more.length > 0 || !isIPv4(address) || !/^([1-9]|[12]\d|3[0-2])$/.test(bits)) return true;
    const whole = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    return whole % 2 ** (32 - Number(bits)) !== 0;
  });
  if (wrong !== undefined)
    throw invalidParameter(
      `The parameter contains formatting that is not valid., field: IP_ADDRESS, parameter: ${wrong}`,
    );
  if (addresses.length > mostAddresses) throw overLimit(`${mostAddresses} addresses in an IP set`);
}
