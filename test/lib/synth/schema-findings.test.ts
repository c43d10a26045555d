import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { buildApp } from '../../../lib/app';
import { schemaFindings } from '../../../lib/synth/schema-findings';
import { at, cobalt } from '../../support/upgrade';

type Properties = Record<string, unknown>;
type Resource = { Type: string; Properties: Properties } & Properties;

const folder = mkdtempSync(path.join(tmpdir(), 'schemas-'));
const words = { live: 'blue', access: 'frozen' } as const;
let app: App;
let templates: Record<string, { Resources: Record<string, Resource> }>;

beforeAll(() => {
  process.env.CDK_VALIDATION = 'false';
  app = buildApp({ settings: cobalt, record: at(cobalt, words), words: { ...words, reassert: false } });
  templates = Object.fromEntries(app.synth().stacks.map((each) => [each.stackName, each.template]));
});
afterAll(() => rmSync(folder, { recursive: true }));

function findingsOf(stack: string, change: (properties: Properties, resource: Resource) => void = () => {}) {
  const template = structuredClone(templates[stack]!);
  const [resource] = Object.values(template.Resources) as [Resource];
  change(resource.Properties, resource);
  const file = path.join(folder, `${stack}.json`);
  writeFileSync(file, JSON.stringify(template));
  return schemaFindings(app, stack, file);
}

test('nothing is found in the templates as they are', () => {
  for (const stack of Object.keys(templates)) expect([stack, findingsOf(stack)]).toEqual([stack, []]);
});

const database = 'CobaltDatabaseGreen';

test.each<
  [what: string, stack: string, change: (properties: Properties, resource: Resource) => void, found: object]
>([
  [
    'an unknown property',
    database,
    (properties) => {
      properties.DBInstanceKlass = 'db.t3.small';
    },
    {
      resource: 'DatabaseB269D8BB',
      property: 'DBInstanceKlass',
      what: expect.stringContaining('DBInstanceClass'),
    },
  ],
  [
    'a wrong type',
    database,
    (properties) => {
      properties.BackupRetentionPeriod = 'many';
    },
    { property: 'BackupRetentionPeriod', what: expect.stringContaining("not of type 'integer'") },
  ],
  [
    'a type that CloudFormation would mend silently',
    database,
    (properties) => {
      properties.MultiAZ = 'true';
    },
    { property: 'MultiAZ', what: expect.stringContaining('coerced') },
  ],
  [
    'a list that is none',
    database,
    (properties) => {
      properties.VPCSecurityGroups = 'sg-1';
    },
    { property: 'VPCSecurityGroups' },
  ],
  [
    'a missing required property',
    'CobaltBlue',
    (properties) => {
      delete properties.ApplicationName;
    },
    { resource: 'web08B6E5F3', what: expect.stringContaining("'ApplicationName' is a required property") },
  ],
  [
    'a required property missing further in',
    'CobaltTraffic',
    (properties) => {
      properties.AliasTarget = {};
    },
    { property: 'AliasTarget', what: expect.stringContaining("'DNSName' is a required property") },
  ],
  [
    'a name that breaks its pattern',
    database,
    (properties) => {
      properties.DBInstanceIdentifier = '9-bad--';
    },
    { property: 'DBInstanceIdentifier', what: expect.stringContaining('does not match pattern') },
  ],
  [
    'an unknown type of resource',
    database,
    (_, resource) => {
      resource.Type = 'AWS::RDS::DBInstanc';
    },
    { what: expect.stringContaining('Unknown resource type') },
  ],
  [
    'a misspelt policy',
    'CobaltBlue',
    (_, resource) => {
      resource.DeletionPolcy = 'Retain';
    },
    { what: expect.stringContaining("invalid property 'DeletionPolcy'") },
  ],
])('%s is found', (_, stack, change, found) => {
  expect(findingsOf(stack, change)).toContainEqual(expect.objectContaining({ stack, ...found }));
});
