import { casesOf } from './case';

const Name = '/contract/$me/a';
const nobody = { Name: '/contract/$me/nobody' };
const parameter = { Name, Value: 'one', Type: 'String' };
const never = 'never given out';
const resource = { ResourceType: 'Parameter', ResourceId: Name };
const unknown = { ResourceType: 'Parameter', ResourceId: nobody.Name };
const script = { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['echo hello'] } };
const unknownCommand = '00000000-0000-4000-8000-000000000000';

export const ssm = casesOf('ssm', (ok, no) => [
  ok('PutParameter', { ...parameter, Tags: [{ Key: 'a', Value: 'b' }] }),
  ok('PutParameter', { Name: '/contract/$me/b', Value: 'secret', Type: 'SecureString' }),
  ok('PutParameter', { ...parameter, Value: 'two', Overwrite: true }),
  no('PutParameter', parameter, 'ParameterAlreadyExists'),
  no('PutParameter', { ...parameter, Name: 'aws/a' }, 'ValidationException'),
  no('PutParameter', { ...parameter, Name: '/a'.repeat(16) }, 'HierarchyLevelLimitExceededException'),
  no(
    'PutParameter',
    { ...parameter, ...nobody, AllowedPattern: '\\d+' },
    'ParameterPatternMismatchException',
  ),
  no('PutParameter', { ...parameter, ...nobody, AllowedPattern: '[(' }, 'InvalidAllowedPatternException'),
  ok('GetParameter', { Name }),
  no('GetParameter', nobody, 'ParameterNotFound'),
  no('GetParameter', { Name: `${Name}:9` }, 'ParameterVersionNotFound'),
  ok('GetParameters', { Names: [Name, nobody.Name], WithDecryption: true }),
  ok('GetParametersByPath', { Path: '/contract/$me', MaxResults: 1 }, { keep: { token: 'NextToken' } }),
  ok('GetParametersByPath', { Path: '/contract/$me', MaxResults: 1, NextToken: '$token' }),
  no('GetParametersByPath', { Path: '/contract/$me', NextToken: never }, 'InvalidNextToken'),
  no('GetParametersByPath', { Path: 'contract' }, 'ValidationException'),
  ok('DescribeParameters', { MaxResults: 2 }, { keep: { token: 'NextToken' } }),
  ok('DescribeParameters', { MaxResults: 2, NextToken: '$token' }),
  no('DescribeParameters', { NextToken: never }, 'InvalidNextToken'),
  ok('GetParameterHistory', { Name }),
  no('GetParameterHistory', nobody, 'ParameterNotFound'),
  no('GetParameterHistory', { Name, NextToken: never }, 'InvalidNextToken'),
  ok('AddTagsToResource', { ...resource, Tags: [{ Key: 'c', Value: 'd' }] }),
  no('AddTagsToResource', { ...unknown, Tags: [{ Key: 'c', Value: 'd' }] }, 'InvalidResourceId'),
  ok('ListTagsForResource', resource),
  no('ListTagsForResource', unknown, 'InvalidResourceId'),
  ok('RemoveTagsFromResource', { ...resource, TagKeys: ['c'] }),
  no('RemoveTagsFromResource', { ...unknown, TagKeys: ['c'] }, 'InvalidResourceId'),
  ok('DeleteParameters', { Names: ['/contract/$me/b', nobody.Name] }),
  ok('DeleteParameter', { Name }),
  no('DeleteParameter', { Name }, 'ParameterNotFound'),

  ok(
    'DescribeInstanceInformation',
    { Filters: [{ Key: 'PingStatus', Values: ['Online'] }] },
    { keep: { instance: 'InstanceInformationList.0.InstanceId' } },
  ),
  no('DescribeInstanceInformation', { NextToken: never }, 'InvalidNextToken'),
  ok(
    'SendCommand',
    { ...script, InstanceIds: ['$instance'], OutputS3BucketName: '$bucket' },
    { keep: { command: 'Command.CommandId' } },
  ),
  no('SendCommand', { ...script, InstanceIds: ['i-00000000000000000'] }, 'InvalidInstanceId'),
  no(
    'SendCommand',
    { ...script, InstanceIds: ['$instance'], OutputS3BucketName: 'contract-nobody' },
    'InvalidOutputFolder',
  ),
  ok(
    'GetCommandInvocation',
    { CommandId: '$command', InstanceId: '$instance' },
    { until: ['Status', 'Success'] },
  ),
  no(
    'GetCommandInvocation',
    { CommandId: unknownCommand, InstanceId: '$instance' },
    'InvocationDoesNotExist',
  ),
  ok('ListCommands', { CommandId: '$command' }),
  no('ListCommands', { NextToken: never }, 'InvalidNextToken'),
  no('ListCommands', { CommandId: unknownCommand }, 'InvalidCommandId'),
  ok('ListCommandInvocations', { CommandId: '$command', Details: true }),
  no('ListCommandInvocations', { CommandId: unknownCommand }, 'InvalidCommandId'),
  no('ListCommandInvocations', { NextToken: never }, 'InvalidNextToken'),
  ok('CancelCommand', { CommandId: '$command' }),
  no('CancelCommand', { CommandId: unknownCommand }, 'InvalidCommandId'),
]);
