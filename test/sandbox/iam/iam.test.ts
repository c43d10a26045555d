import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { Clock } from '../../../sandbox/clock';
import { createIam } from '../../../sandbox/iam/iam';
import type { Listening } from '../../../sandbox/listening';
import { startServer } from '../../../sandbox/server';
import { defaultDurations } from '../../../sandbox/world';

const region = 'ap-southeast-2';
const account = '111122223333';
const core = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const secrets = `arn:aws:ssm:${region}:${account}:parameter/cobalt/production/secrets`;
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const durations = { ...defaultDurations, resourceMs: 1 };
const clock = new Clock('skip', new Date('2026-11-23T11:00:00Z'));
const { service, resourceTypes, iam, entities } = createIam({ account, region, clock, durations });
let server: Listening;
let client: IAMClient;
let count = 0;

beforeAll(async () => {
  server = await startServer({ services: [service], region, now: () => clock.date() });
  client = new IAMClient({
    region,
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  });
});

afterAll(async () => {
  client.destroy();
  await server.close();
  clock.stop();
});

async function newRole(): Promise<string> {
  const RoleName = `role-${++count}`;
  await client.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  return RoleName;
}

function put(RoleName: string, ...Statement: object[]) {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  return client.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
}

const mayRead = (role: string, name: string) => iam.decide(role, 'ssm:GetParameter', `${secrets}/${name}`);

test('gives back a role and its policies as they were put', async () => {
  const RoleName = await newRole();
  const statement = { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::b/*' };
  await put(RoleName, statement);
  await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: core }));
  const { Role } = await client.send(new GetRoleCommand({ RoleName }));
  expect(Role?.Arn).toBe(`arn:aws:iam::${account}:role/${RoleName}`);
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust);
  const policy = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'own' }));
  expect(JSON.parse(decodeURIComponent(policy.PolicyDocument ?? '')).Statement).toEqual([statement]);
  expect((await client.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['own']);
  const attached = await client.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  expect(attached.AttachedPolicies).toEqual([
    { PolicyName: 'AmazonSSMManagedInstanceCore', PolicyArn: core },
  ]);
  const roles = await client.send(new ListRolesCommand({ MaxItems: 1 }));
  expect(roles).toMatchObject({ IsTruncated: entities.roles.size > 1, Roles: [{ RoleName: 'role-1' }] });
});

describe('decisions', () => {
  test('are no where nothing is said, and for a role that is not there', async () => {
    expect(mayRead(await newRole(), 'A')).toBe('implicitDeny');
    expect(mayRead('nobody', 'A')).toBe('implicitDeny');
  });

  test('let Run Command’s own policy read every parameter', async () => {
    const RoleName = await newRole();
    await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: core }));
    expect(mayRead(RoleName, 'STRIPE_SECRET_KEY')).toBe('allowed');
    expect(iam.decide(RoleName, 'ssm:PutParameter', `${secrets}/A`)).toBe('implicitDeny');
  });

  test('let an explicit Deny win', async () => {
    const RoleName = await newRole();
    await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: core }));
    await put(RoleName, { Effect: 'Deny', Action: ['SSM:getparameter*'], Resource: `${secrets}/STRIPE_*` });
    expect(mayRead(RoleName, 'STRIPE_SECRET_KEY')).toBe('explicitDeny');
    expect(mayRead(RoleName, 'RDS_PASSWORD')).toBe('allowed');
    await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }));
    expect(mayRead(RoleName, 'STRIPE_SECRET_KEY')).toBe('allowed');
  });

  test('understand NotAction and NotResource', async () => {
    const RoleName = await newRole();
    await put(
      RoleName,
      { Effect: 'Allow', NotAction: 's3:*', Resource: '*' },
      { Effect: 'Deny', Action: '*', NotResource: [`${secrets}/?`, 'arn:aws:s3:::*'] },
    );
    expect(mayRead(RoleName, 'A')).toBe('allowed');
    expect(mayRead(RoleName, 'AB')).toBe('explicitDeny');
    expect(iam.decide(RoleName, 's3:GetObject', 'arn:aws:s3:::b/k')).toBe('implicitDeny');
  });

  test('change only after IAM’s lag', async () => {
    const RoleName = await newRole();
    durations.iamLagMs = 10_000;
    await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: core }));
    durations.iamLagMs = 0;
    expect(mayRead(RoleName, 'A')).toBe('implicitDeny');
    await clock.skip(10_000);
    expect(mayRead(RoleName, 'A')).toBe('allowed');
  });

  test('are told to whoever simulates them', async () => {
    const RoleName = await newRole();
    await put(RoleName, { Effect: 'Deny', Action: 'ssm:*', Resource: '*' });
    const { EvaluationResults } = await client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: `arn:aws:iam::${account}:role/${RoleName}`,
        ActionNames: ['ssm:GetParameter', 's3:GetObject'],
        ResourceArns: [`${secrets}/A`],
      }),
    );
    expect(EvaluationResults?.map(({ EvalDecision }) => EvalDecision)).toEqual([
      'explicitDeny',
      'implicitDeny',
    ]);
  });
});

describe('what could not be evaluated is refused when it is put', () => {
  const allow = { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: '*' };
  test.each([
    [
      'a condition',
      { ...allow, Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
      /does not model Condition/,
    ],
    ['a principal', { ...allow, Principal: '*' }, /does not model Principal/],
    ['a policy variable', { ...allow, Resource: 'arn:aws:s3:::b/${aws:username}' }, /policy variable/],
    ['no resource', { Effect: 'Allow', Action: 'ssm:GetParameter' }, /Resource or NotResource/],
    ['an action without its service', { ...allow, Action: 'GetParameter' }, /prefaced by a vendor/],
  ])('%s', async (_, statement, message) => {
    const RoleName = await newRole();
    await expect(put(RoleName, statement)).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringMatching(message),
    });
  });

  test('a managed policy whose content is not known', async () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    const attach = client.send(new AttachRolePolicyCommand({ RoleName: await newRole(), PolicyArn }));
    await expect(attach).rejects.toThrow(/does not model the managed policy .*AdministratorAccess/);
  });
});

test('an instance profile leads to its role', async () => {
  const RoleName = await newRole();
  const InstanceProfileName = 'cobalt-web';
  await client.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await client.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
  const { InstanceProfile } = await client.send(new GetInstanceProfileCommand({ InstanceProfileName }));
  expect(InstanceProfile?.Roles?.[0]?.RoleName).toBe(RoleName);
  expect(iam.roleOfProfile(InstanceProfileName)).toBe(RoleName);
  expect(iam.roleOfProfile(InstanceProfile?.Arn ?? '')).toBe(RoleName);
  const { InstanceProfiles } = await client.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
  expect(InstanceProfiles?.length).toBe(1);
});

test('a role goes only when nothing hangs on it', async () => {
  const RoleName = await newRole();
  const InstanceProfileName = `${RoleName}-profile`;
  await put(RoleName, { Effect: 'Allow', Action: '*', Resource: '*' });
  await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: core }));
  await client.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await client.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
  const remove = () => client.send(new DeleteRoleCommand({ RoleName }));
  await expect(remove()).rejects.toThrow('must remove roles from instance profile first');
  await client.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  await expect(remove()).rejects.toThrow('must detach all policies first');
  await client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: core }));
  await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
  await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }));
  await remove();
  await expect(client.send(new GetRoleCommand({ RoleName }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  });
});

describe('as CloudFormation drives it', () => {
  const type = (name: string) => resourceTypes.find(({ typeName }) => typeName === name)!;
  const request = (logicalId: string, properties: object) => ({
    stackName: 'CobaltGreen',
    logicalId,
    properties,
  });
  const policy = (effect: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: 'ssm:GetParameter', Resource: '*' }],
  });

  test('a role with its policies comes, changes and goes', async () => {
    const roleType = type('AWS::IAM::Role');
    const first = {
      AssumeRolePolicyDocument: JSON.parse(trust),
      ManagedPolicyArns: [core],
      Policies: [{ PolicyName: 'inline', PolicyDocument: policy('Allow') }],
    };
    const made = await roleType.create(request('WebRole', first));
    expect(made.physicalId).toMatch(/^CobaltGreen-WebRole-/);
    const second = { AssumeRolePolicyDocument: JSON.parse(trust) };
    await roleType.update({ ...request('WebRole', second), physicalId: made.physicalId, previous: first });
    expect(mayRead(made.physicalId, 'A')).toBe('implicitDeny');
    await roleType.delete({ ...request('WebRole', second), physicalId: made.physicalId, snapshot: false });
    expect(roleType.find(made.physicalId)).toBeUndefined();
  });

  test('a policy of its own turns a role’s Allow into a Deny, in place', async () => {
    const role = await newRole();
    const fence = type('AWS::IAM::RolePolicy');
    const properties = { RoleName: role, PolicyName: 'fence', PolicyDocument: policy('Allow') };
    const { physicalId } = await fence.create(request('Fence', properties));
    expect(physicalId).toBe(`fence|${role}`);
    expect(mayRead(role, 'A')).toBe('allowed');
    const denied = { ...properties, PolicyDocument: policy('Deny') };
    await fence.update({ ...request('Fence', denied), physicalId, previous: properties });
    expect(mayRead(role, 'A')).toBe('explicitDeny');
    await expect(fence.create(request('Fence', properties))).rejects.toThrow(/already exists/);
  });

  test('a policy on several roles leaves those that it no longer names', async () => {
    const [a, b] = [await newRole(), await newRole()];
    const policyType = type('AWS::IAM::Policy');
    const both = { PolicyName: 'shared', PolicyDocument: policy('Allow'), Roles: [a, b] };
    const { physicalId } = await policyType.create(request('Shared', both));
    await policyType.update({ ...request('Shared', { ...both, Roles: [a] }), physicalId, previous: both });
    expect([mayRead(a, 'A'), mayRead(b, 'A')]).toEqual(['allowed', 'implicitDeny']);
  });

  test('a role in somebody else’s profile cannot be deleted', async () => {
    const role = await type('AWS::IAM::Role').create(
      request('Role', { AssumeRolePolicyDocument: JSON.parse(trust) }),
    );
    const profiles = type('AWS::IAM::InstanceProfile');
    const profile = await profiles.create(request('Profile', { Roles: [role.physicalId] }));
    const remove = () =>
      type('AWS::IAM::Role').delete({ ...request('Role', {}), physicalId: role.physicalId, snapshot: false });
    await expect(remove()).rejects.toThrow('must remove roles from instance profile first');
    await profiles.delete({ ...request('Profile', {}), physicalId: profile.physicalId, snapshot: false });
    await remove();
  });

  test('an unknown property is refused by name', () => {
    const parsed = type('AWS::IAM::Role').properties.safeParse({ PermissionsBoundary: 'x' });
    expect(JSON.stringify(parsed.error?.issues)).toMatch(/PermissionsBoundary/);
  });
});
