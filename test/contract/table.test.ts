import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { commonErrors } from '../../sandbox/common-errors';
import { codesIn, coverage } from '../../sandbox/coverage';
import { operationErrors } from '../../sandbox/operation-errors';
import { allCases } from './cases/all';
import { wireNames } from './cases/case';

const wireName = (service: string) => wireNames[service] ?? service;
const asked = (filter: (code: string | undefined) => boolean) =>
  new Set(
    allCases
      .filter(({ code }) => filter(code))
      .map(({ service, operation, code }) => [wireName(service), operation, code].join(' ').trim()),
  );

/** The operations in the tables that the sandbox prints of its services. */
function operationsModelled(): string[] {
  const [tables] = coverage().split('### Errors');
  return tables!.split('### ').flatMap((section) => {
    const service = section.split('\n')[0]!;
    return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, operation]) => `${service} ${operation}`);
  });
}

test('the cases ask every operation of the sandbox for a success, and no other', () => {
  expect([...asked((code) => code === undefined)].sort()).toEqual(operationsModelled().sort());
});

test('the cases ask for every error in the table of the sandbox, and for no other', () => {
  const stated = Object.entries(operationErrors).flatMap(([service, operations]) =>
    Object.entries(operations).flatMap(([name, codes]) =>
      codesIn(codes).map((code) => `${service} ${name} ${code}`),
    ),
  );
  expect([...asked((code) => code !== undefined)].sort()).toEqual(stated.sort());
});

test('what is told of errors without a model is told only of errors that there are', () => {
  const given = new Set(
    Object.entries(operationErrors).flatMap(([service, operations]) =>
      Object.values(operations).flatMap((codes) => codesIn(codes).map((code) => `${service} ${code}`)),
    ),
  );
  const everywhere = ['UnknownParameter', 'MissingParameter', 'ValidationError', 'ValidationException'];
  const idle = Object.entries(commonErrors).flatMap(([service, errors]) =>
    Object.keys(errors).filter((code) => !given.has(`${service} ${code}`) && !everywhere.includes(code)),
  );
  expect(idle).toEqual([]);
});

/** Where the folder is not named as the service signs. */
const foldersOf: Record<string, string> = { elasticbeanstalk: 'beanstalk', elasticloadbalancing: 'elb' };

/** What a folder's code throws by name, the types of resources apart: CloudFormation tells their errors in events. */
function thrownIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/-types?\.ts$/.test(name),
  );
  const code = /(?:new AwsError\(\s*|fault: )'([\w.]+)'|'(\w+\.NotFound)'/g;
  return files.flatMap((name) =>
    [...readFileSync(path.join(folder, name), 'utf8').matchAll(code)].map(([, one, other]) => one ?? other!),
  );
}

/** Before any operation is reached, of a caller with policies, or for bytes that no client sends. */
const ofAnyService = [
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'IncompleteBody',
  'InvalidClientTokenId',
  'ValidationError',
  'ValidationException',
];

test.each(Object.keys(operationErrors))(
  'every error that the code of %s throws is in the table',
  (service) => {
    const folder = path.join(__dirname, '../../sandbox', foldersOf[service] ?? service);
    const stated = new Set([...ofAnyService, ...Object.values(operationErrors[service]!).flatMap(codesIn)]);
    expect([...new Set(thrownIn(folder))].filter((code) => !stated.has(code))).toEqual([]);
  },
);
