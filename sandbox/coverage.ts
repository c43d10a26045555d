import type { z } from 'zod';
import { createAcm } from './acm/acm';
import { createBeanstalk } from './beanstalk/beanstalk';
import { freeNamespaces, tableOptions } from './beanstalk/options';
import { Clock } from './clock';
import type { AnyResourceType } from './cloudformation/resource-type';
import { createCloudFormation } from './cloudformation/service';
import { commonErrors } from './common-errors';
import { createIam } from './iam/iam';
import { operationErrors } from './operation-errors';
import { createRds } from './rds/rds';
import { createRoute53 } from './route53/route53';
import { createS3 } from './s3/s3';
import type { Service } from './service';
import { createSns } from './sns/sns';
import { createSsm } from './ssm/ssm';
import { createSts } from './sts/sts';
import { createWafv2 } from './wafv2/wafv2';
import { defaultDurations, defaultSwitches, type World } from './world';

/**
 * What the sandbox models, as Markdown: the operations of each service with their parameters, the types of resources
 * with their properties, and the options of environments. Taken from the services themselves; nothing is started.
 */
export function coverage(): string {
  const world = {
    account: '',
    region: '',
    clock: new Clock('real', new Date(0)),
    folder: '',
    durations: defaultDurations,
    switches: defaultSwitches,
  } as Partial<World> as World;
  const beanstalk = createBeanstalk(world, {
    application: '',
    versions: [],
    platformArns: [],
    hostNamePart: '',
  });
  const parts = [
    createAcm(world),
    createIam(world),
    createRds(world),
    createRoute53(world),
    createS3(world),
    createSns(world),
    createSsm(world),
    createWafv2(world),
  ];
  const resourceTypes = [...parts, beanstalk].flatMap((part) => part.resourceTypes);
  const services: Service[] = [
    ...beanstalk.services,
    ...parts.map(({ service }) => service),
    createCloudFormation({ world, resourceTypes }).service,
    createSts({ world, accessKeyIds: [] }).service,
  ];
  return [
    summary(services, resourceTypes),
    '',
    ...services.sort(by(({ name }) => name)).flatMap(operationsOf),
    ...undeclaredErrors(),
    ...typesOf(resourceTypes),
    ...optionsOf(),
  ].join('\n');
}

function summary(services: Service[], types: AnyResourceType[]): string {
  const operations = services.flatMap(({ operations }) => Object.keys(operations)).length;
  const errors = Object.values(operationErrors).flatMap((each) =>
    Object.values(each).flatMap(codesIn),
  ).length;
  return [
    `${services.length} services, ${operations} operations with ${errors} errors, ${types.length} types of resources.`,
    'Each operation and each of its errors is asked for by the AWS SDK for JavaScript v3, boto3 and the `aws` command in',
    '`test/contract`, and the answers are held to the models of AWS.',
  ].join('\n');
}

/** Names in a text, as the table of errors has them. */
export const codesIn = (text: string): string[] => text.split(' ');

const by =
  <Item>(nameOf: (item: Item) => string) =>
  (a: Item, b: Item) =>
    nameOf(a).localeCompare(nameOf(b));

function operationsOf(service: Service): string[] {
  const rest = service.protocol === 'rest-xml';
  const operations: [string, string[]][] = rest
    ? Object.entries(service.operations)
    : Object.entries(service.operations).map(([name, { input }]) => [name, namesIn(input)]);
  const errors = operationErrors[service.name] ?? {};
  return table(
    service.name,
    ['operation', rest ? 'query and conditions' : 'parameters', 'errors'],
    operations
      .sort(by(([name]) => name))
      .map(([name, parameters]) => [name, parameters.join(', '), codesIn(errors[name] ?? '').join(', ')]),
  );
}

function undeclaredErrors(): string[] {
  const rows = Object.entries(commonErrors).flatMap(([service, errors]) => {
    const sources = [...new Set(Object.values(errors).map(({ source }) => source))];
    return sources.map((source) => {
      const codes = Object.keys(errors).filter((code) => errors[code]!.source === source);
      return [service, codes.join(', '), source];
    });
  });
  return table('Errors that the models of AWS do not declare', ['service', 'errors', 'told by'], rows);
}

function typesOf(types: AnyResourceType[]): string[] {
  return table(
    'Types of resources',
    ['type', 'properties', 'drift detection'],
    types
      .sort(by(({ typeName }) => typeName))
      .map(({ typeName, properties, live }) => [
        typeName,
        namesIn(properties).join(', '),
        live ? 'yes' : 'not checked',
      ]),
  );
}

function optionsOf(): string[] {
  const namespaces = new Map<string, string[]>(freeNamespaces.map((name) => [name, ['any name']]));
  for (const { namespace, name } of tableOptions())
    namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), name]);
  return table(
    'Options of environments',
    ['namespace', 'options'],
    [...namespaces].sort(by(([name]) => name)).map(([name, options]) => [name, options.join(', ')]),
  );
}

/** The names that a closed shape knows. */
function namesIn(shape: z.ZodType): string[] {
  return Object.keys((shape as z.ZodObject).shape).sort();
}

function table(title: string, head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    `### ${title}`,
    '',
    line(head),
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map(([name, ...rest]) => line([`\`${name}\``, ...rest])),
    '',
  ];
}
