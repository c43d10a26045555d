import { casesOf } from './case';

const parameter = (Value: string) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value },
});
const template = (Resources: object, rest: object = {}) => JSON.stringify({ ...rest, Resources });
const one = template(
  { One: parameter('one') },
  {
    Description: 'Of a test',
    Parameters: { Size: { Type: 'String', Default: 'a', AllowedValues: ['a'], Description: 'How large' } },
    Outputs: { Name: { Value: { Ref: 'One' }, Description: 'Where it is' } },
  },
);
const two = template({ One: parameter('one'), Two: parameter('two') });
const three = template({ One: parameter('three') });
const role = (Description: string) =>
  template({
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'contract-stack-$me',
        Description,
        AssumeRolePolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Principal: { Service: 'ec2.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        },
      },
    },
  });

const StackName = 'contract-$me';
const failing = { StackName: 'contract-failing-$me' };
const nobody = { StackName: 'nobody' };
const ChangeSetName = 'first';
const named = ['CAPABILITY_NAMED_IAM'];
const policy = JSON.stringify({
  Statement: { Effect: 'Allow', Principal: '*', Action: 'Update:*', Resource: '*' },
});
const unknownSet = { StackName, ChangeSetName: 'nobody' };
const settled = (status: string) => ({ until: ['Stacks.0.StackStatus', status] as [string, string] });

/** A stack's creation that fails by itself, and the two ways back from it. */
const failed = casesOf('cloudformation', (ok, no) => [
  ok('CreateStack', { ...failing, TemplateBody: role('one'), Capabilities: named }),
  ok('DescribeStacks', failing, settled('CREATE_COMPLETE')),
  no('RollbackStack', failing, 'ValidationError'),
  no('ContinueUpdateRollback', failing, 'ValidationError'),
  { service: 'iam', operation: 'DeleteRole', input: { RoleName: 'contract-stack-$me' } },
  ok('UpdateStack', { ...failing, TemplateBody: role('two'), Capabilities: named, DisableRollback: true }),
  ok('DescribeStacks', failing, settled('UPDATE_FAILED')),
  ok('RollbackStack', failing),
  ok('DescribeStacks', failing, settled('UPDATE_ROLLBACK_FAILED')),
  ok('ContinueUpdateRollback', { ...failing, ResourcesToSkip: ['Role'] }),
  ok('DescribeStacks', failing, settled('UPDATE_ROLLBACK_COMPLETE')),
  ok('DeleteStack', failing),
]);

const changeSets = casesOf('cloudformation', (ok, no) => [
  ok('CreateChangeSet', { StackName, ChangeSetName, TemplateBody: two }, { keep: { set: 'Id' } }),
  no('CreateChangeSet', { StackName, ChangeSetName, TemplateBody: two }, 'AlreadyExistsException'),
  no('CreateChangeSet', { ...nobody, ChangeSetName, TemplateBody: two }, 'ValidationError'),
  no(
    'CreateChangeSet',
    { StackName, ChangeSetName: 'second', TemplateBody: role('one') },
    'InsufficientCapabilitiesException',
  ),
  ok('DescribeChangeSet', { StackName, ChangeSetName, IncludePropertyValues: true }),
  ok('DescribeChangeSet', { ChangeSetName: '$set' }),
  no('DescribeChangeSet', unknownSet, 'ChangeSetNotFound'),
  ok('ListChangeSets', { StackName }),
  no('ListChangeSets', nobody, 'ValidationError'),
  ok('GetTemplate', { StackName, ChangeSetName }),
  no('GetTemplate', unknownSet, 'ChangeSetNotFound'),
  no('ExecuteChangeSet', unknownSet, 'ChangeSetNotFound'),
  ok('ExecuteChangeSet', { StackName, ChangeSetName }),
  no('ExecuteChangeSet', { StackName, ChangeSetName }, 'InvalidChangeSetStatus'),
  ok('DescribeStacks', { StackName }, settled('UPDATE_COMPLETE')),
  ok('CreateChangeSet', { StackName, ChangeSetName: 'third', TemplateBody: three }),
  ok('DeleteChangeSet', { StackName, ChangeSetName: 'third' }),
  no('DeleteChangeSet', { ...nobody, ChangeSetName }, 'ValidationError'),
]);

const looking = casesOf('cloudformation', (ok, no) => [
  ok('DescribeStacks'),
  no('DescribeStacks', nobody, 'ValidationError'),
  ok('ListStacks', { StackStatusFilter: ['CREATE_COMPLETE'] }),
  no('ListStacks', { NextToken: 'never given out' }, 'ValidationError'),
  ok('DescribeStackEvents', { StackName }),
  no('DescribeStackEvents', nobody, 'ValidationError'),
  ok('DescribeStackResources', { StackName }),
  no('DescribeStackResources', nobody, 'ValidationError'),
  ok('DescribeStackResource', { StackName, LogicalResourceId: 'One' }),
  no('DescribeStackResource', { StackName, LogicalResourceId: 'Nobody' }, 'ValidationError'),
  ok('ListStackResources', { StackName }),
  no('ListStackResources', nobody, 'ValidationError'),
  ok('GetTemplate', { StackName, TemplateStage: 'Original' }),
  no('GetTemplate', nobody, 'ValidationError'),
  ok('GetTemplateSummary', { StackName }),
  ok('GetTemplateSummary', { TemplateBody: one }),
  no('GetTemplateSummary', { TemplateBody: 'no template' }, 'ValidationError'),
  ok('ValidateTemplate', { TemplateBody: one }),
  no('ValidateTemplate', { TemplateBody: '{"Resources": {}}' }, 'ValidationError'),
  ok('DetectStackDrift', { StackName }, { keep: { drift: 'StackDriftDetectionId' } }),
  no('DetectStackDrift', nobody, 'ValidationError'),
  ok('DescribeStackDriftDetectionStatus', { StackDriftDetectionId: '$drift' }),
  no('DescribeStackDriftDetectionStatus', { StackDriftDetectionId: 'nobody' }, 'ValidationError'),
  ok('DescribeStackResourceDrifts', { StackName }),
  no('DescribeStackResourceDrifts', nobody, 'ValidationError'),
]);

export const cloudformation = casesOf('cloudformation', (ok, no) => [
  ok('CreateStack', { StackName, TemplateBody: one, EnableTerminationProtection: true }),
  no('CreateStack', { StackName, TemplateBody: one }, 'AlreadyExistsException'),
  no(
    'CreateStack',
    { StackName: 'contract-role', TemplateBody: role('one') },
    'InsufficientCapabilitiesException',
  ),
  no('CreateStack', { StackName: 'contract-other' }, 'ValidationError'),
  ok('DescribeStacks', { StackName }, settled('CREATE_COMPLETE')),
  ...looking,
  ok('SetStackPolicy', { StackName, StackPolicyBody: policy }),
  no('SetStackPolicy', { StackName, StackPolicyBody: 'no JSON' }, 'ValidationError'),
  ok('GetStackPolicy', { StackName }),
  no('GetStackPolicy', nobody, 'ValidationError'),
  ...changeSets,
  no('UpdateStack', { StackName, TemplateBody: two }, 'ValidationError'),
  no('UpdateStack', { StackName, TemplateBody: role('one') }, 'InsufficientCapabilitiesException'),
  ok('UpdateStack', { StackName, TemplateBody: three }),
  ok('DescribeStacks', { StackName }, settled('UPDATE_COMPLETE')),
  no('DeleteStack', { StackName }, 'ValidationError'),
  ok('UpdateTerminationProtection', { StackName, EnableTerminationProtection: false }),
  no('UpdateTerminationProtection', { ...nobody, EnableTerminationProtection: false }, 'ValidationError'),
  ok('DeleteStack', { StackName }),
  ...failed,
]);
