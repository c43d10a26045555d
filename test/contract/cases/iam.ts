import { casesOf } from './case';

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
});
const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
});
const managed = 'arn:aws:iam::aws:policy/AWSElasticBeanstalkWebTier';
const RoleName = 'contract-$me';
const InstanceProfileName = 'contract-$me';
const nobody = { RoleName: 'nobody' };
const PolicyName = 'read';

export const iam = casesOf('iam', (ok, no) => [
  ok('CreateRole', {
    RoleName,
    AssumeRolePolicyDocument: trust,
    Description: 'Of a test',
    MaxSessionDuration: 3600,
    Tags: [{ Key: 'a', Value: 'b' }],
  }),
  no('CreateRole', { RoleName, AssumeRolePolicyDocument: trust }, 'EntityAlreadyExists'),
  no('CreateRole', { RoleName: 'other-$me', AssumeRolePolicyDocument: 'no JSON' }, 'MalformedPolicyDocument'),
  no('CreateRole', { RoleName: 'two words', AssumeRolePolicyDocument: trust }, 'ValidationError'),
  ok('GetRole', { RoleName }, { keep: { role: 'Role.Arn' } }),
  no('GetRole', nobody, 'NoSuchEntity'),
  ok('ListRoles', { MaxItems: 1 }, { keep: { marker: 'Marker' } }),
  ok('ListRoles', { MaxItems: 1, Marker: '$marker' }),
  no('ListRoles', { Marker: 'never given out' }, 'ValidationError'),

  ok('PutRolePolicy', { RoleName, PolicyName, PolicyDocument: document }),
  no('PutRolePolicy', { ...nobody, PolicyName, PolicyDocument: document }, 'NoSuchEntity'),
  no('PutRolePolicy', { RoleName, PolicyName, PolicyDocument: 'no JSON' }, 'MalformedPolicyDocument'),
  ok('GetRolePolicy', { RoleName, PolicyName }),
  no('GetRolePolicy', { RoleName, PolicyName: 'write' }, 'NoSuchEntity'),
  ok('ListRolePolicies', { RoleName }),
  no('ListRolePolicies', nobody, 'NoSuchEntity'),
  ok('AttachRolePolicy', { RoleName, PolicyArn: managed }),
  no('AttachRolePolicy', { ...nobody, PolicyArn: managed }, 'NoSuchEntity'),
  ok('ListAttachedRolePolicies', { RoleName }),
  no('ListAttachedRolePolicies', nobody, 'NoSuchEntity'),
  ok('SimulatePrincipalPolicy', { PolicySourceArn: '$role', ActionNames: ['s3:GetObject', 'iam:GetRole'] }),
  no(
    'SimulatePrincipalPolicy',
    { PolicySourceArn: 'arn:aws:iam::$account:role/nobody', ActionNames: ['s3:GetObject'] },
    'NoSuchEntity',
  ),

  ok('CreateInstanceProfile', { InstanceProfileName }),
  no('CreateInstanceProfile', { InstanceProfileName }, 'EntityAlreadyExists'),
  ok('AddRoleToInstanceProfile', { InstanceProfileName, RoleName }),
  no('AddRoleToInstanceProfile', { InstanceProfileName, RoleName }, 'LimitExceeded'),
  no('AddRoleToInstanceProfile', { InstanceProfileName, ...nobody }, 'NoSuchEntity'),
  ok('GetInstanceProfile', { InstanceProfileName }),
  no('GetInstanceProfile', { InstanceProfileName: 'nobody' }, 'NoSuchEntity'),
  ok('ListInstanceProfilesForRole', { RoleName }),
  no('ListInstanceProfilesForRole', nobody, 'NoSuchEntity'),

  no('DeleteInstanceProfile', { InstanceProfileName }, 'DeleteConflict'),
  no('DeleteRole', { RoleName }, 'DeleteConflict'),
  ok('RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }),
  no('RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }, 'NoSuchEntity'),
  ok('DeleteInstanceProfile', { InstanceProfileName }),
  no('DeleteInstanceProfile', { InstanceProfileName }, 'NoSuchEntity'),
  ok('DetachRolePolicy', { RoleName, PolicyArn: managed }),
  no('DetachRolePolicy', { RoleName, PolicyArn: managed }, 'NoSuchEntity'),
  ok('DeleteRolePolicy', { RoleName, PolicyName }),
  no('DeleteRolePolicy', { RoleName, PolicyName }, 'NoSuchEntity'),
  ok('DeleteRole', { RoleName }),
  no('DeleteRole', { RoleName }, 'NoSuchEntity'),
]);
