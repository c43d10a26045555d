import { AwsError, notModelled } from '../errors';

/**
 * The one spelling of a domain name inside the sandbox: lower case, without the trailing dot. Route 53 takes names
 * with and without it as the same.
 */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** As Route 53 prints names: absolute, with the trailing dot. */
export function absolute(name: string): string {
  return `${name}.`;
}

export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/**
 * What Route 53 sorts by: the labels reversed, trailing dot included, as ASCII.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
 */
export function sortKey(name: string): string {
  return `${name.split('.').reverse().join('.')}.`;
}

export function compareAscii(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A canonical name, or a refusal of what is no name or none that the sandbox models. */
export function parseName(name: string): string {
  const canonical = canonicalName(name);
  if (canonical === '') throw illegal('DomainNameEmpty (Domain name is empty)', name);
  if (canonical.includes('*')) throw notModelled(`Route 53 wildcard names such as ${name}`);
  if (!/^[a-z0-9._-]*$/.test(canonical))
    throw notModelled(`the Route 53 name ${name}: letters a-z, 0-9, - and _ only`);
  if (canonical.length > 254) throw illegal('DomainNameTooLong (Domain name is too long)', name);
  for (const label of canonical.split('.')) {
    if (label === '') throw illegal('DomainLabelEmpty (Domain label is empty)', name);
    if (label.length > 63) throw illegal('DomainLabelTooLong (Domain label is too long)', name);
  }
  return canonical;
}

function illegal(problem: string, name: string): AwsError {
  return new AwsError('InvalidChangeBatch', `[FATAL problem: ${problem} encountered with '${name}']`);
}
