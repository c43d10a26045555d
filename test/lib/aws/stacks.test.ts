import type { CreateStackCommandInput } from '@aws-sdk/client-cloudformation';
import { Clients } from '../../../lib/aws/clients';
import { CloudFormationStacks } from '../../../lib/aws/stacks';
import type { Service } from '../../../sandbox/service';
import { answering, refuse, startAws, type TestAws } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

let aws: TestAws | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

async function clientsOf(...services: Service[]): Promise<Clients> {
  aws = await startAws(services);
  return new Clients(cobalt);
}

describe('stacks', () => {
  const resource = (LogicalResourceId: string, ResourceStatus: string, ResourceStatusReason: string) => ({
    LogicalResourceId,
    ResourceType: 'AWS::RDS::DBInstance',
    Timestamp: '2026-11-23T11:00:00Z',
    ResourceStatus,
    ResourceStatusReason,
  });

  test('tells why resources have failed, and nothing of the others', async () => {
    const cloudformation = answering('cloudformation', 'query', {
      DescribeStackResources: () => ({
        StackResources: {
          member: [
            resource('Database', 'CREATE_FAILED', 'Snapshot not found'),
            resource('Other', 'CREATE_IN_PROGRESS', 'Resource creation Initiated'),
          ],
        },
      }),
    });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    expect(await stacks.failures('CobaltDatabaseGreen')).toEqual([
      'Database (AWS::RDS::DBInstance): Snapshot not found',
    ]);
  });

  test.each([
    ['JSON', '{"Resources":{"A":{"Properties":{"Value":"ON"}}}}'],
    ['YAML', 'Resources:\n  A:\n    Properties:\n      Value: "ON"\n'],
  ])('tells the template that was deployed last, sent in %s', async (_, TemplateBody) => {
    const cloudformation = answering('cloudformation', 'query', { GetTemplate: () => ({ TemplateBody }) });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    expect(await stacks.template('CobaltX')).toEqual({ Resources: { A: { Properties: { Value: 'ON' } } } });
  });

  test('there is no template of a stack that does not exist', async () => {
    const cloudformation = answering('cloudformation', 'query', {
      GetTemplate: () => refuse('ValidationError', 'Stack with id CobaltX does not exist'),
    });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    expect(await stacks.template('CobaltX')).toBeUndefined();
  });

  test('a new stack is protected from its first moment, and a failure deletes nothing', async () => {
    let asked: Partial<CreateStackCommandInput> = {};
    const cloudformation = answering('cloudformation', 'query', {
      CreateStack: (input: CreateStackCommandInput) => {
        asked = input;
        return { StackId: 'arn:stack' };
      },
      DescribeStacks: () => refuse('ValidationError', 'Stack with id CobaltX does not exist'),
    });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    await stacks.create('CobaltX', '{}', '{"Statement":[]}', { a: 'b' });
    expect(asked).toMatchObject({
      StackName: 'CobaltX',
      StackPolicyBody: '{"Statement":[]}',
      EnableTerminationProtection: 'true',
      OnFailure: 'DO_NOTHING',
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(await stacks.find('CobaltX')).toBeUndefined();
  });
});
