import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { AnyResourceType, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { AwsError } from '../errors';
import { checkTrustPolicy } from './policy';
import type { Entities, IamWorld, Profile, Role } from './store';

const document = z.record(z.string(), z.unknown());
const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

const roleShape = z.strictObject({
  RoleName: z.string().optional(),
  AssumeRolePolicyDocument: document,
  Description: z.string().optional(),
  ManagedPolicyArns: z.array(z.string()).optional(),
  MaxSessionDuration: z.number().optional(),
  Path: z.string().optional(),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })).optional(),
  Tags: tags.optional(),
});
const rolePolicyShape = z.strictObject({
  RoleName: z.string(),
  PolicyName: z.string(),
  PolicyDocument: document,
});
const policyShape = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: document,
  Roles: z.array(z.string()).min(1),
});
const profileShape = z.strictObject({
  InstanceProfileName: z.string().optional(),
  Path: z.string().optional(),
  Roles: z.array(z.string()).length(1),
});

export function iamTypes(entities: Entities, world: IamWorld): AnyResourceType[] {
  return [
    roleType(entities, world),
    rolePolicyType(entities, world),
    policyType(entities, world),
    profileType(entities, world),
  ];
}

const generatedName = ({ stackName, logicalId }: ResourceRequest<unknown>) =>
  `${`${stackName}-${logicalId}`.slice(0, 51)}-${randomBytes(6).toString('hex')}`;

/** A thing that is gone already counts as deleted. */
function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'NoSuchEntity')) throw error;
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
function roleType(
  entities: Entities,
  { clock, durations }: IamWorld,
): ResourceType<z.output<typeof roleShape>> {
  const state = (role: Role) => ({
    physicalId: role.name,
    attributes: { Arn: role.arn, RoleId: role.id },
  });
  return {
    typeName: 'AWS::IAM::Role',
    properties: roleShape,
    create: async (request) => {
      const wanted = request.properties;
      const trustPolicy = JSON.stringify(wanted.AssumeRolePolicyDocument);
      checkTrustPolicy(trustPolicy);
      const role = entities.createRole({
        name: wanted.RoleName ?? generatedName(request),
        trustPolicy,
        path: wanted.Path,
        description: wanted.Description,
        maxSessionSeconds: wanted.MaxSessionDuration,
        tags: wanted.Tags,
      });
      for (const arn of wanted.ManagedPolicyArns ?? []) entities.attach(role.name, arn);
      for (const policy of wanted.Policies ?? [])
        entities.putPolicy(role.name, policy.PolicyName, JSON.stringify(policy.PolicyDocument));
      await clock.sleep(durations.resourceMs);
      return state(role);
    },
    update: async ({ physicalId, properties: wanted, previous }) => {
      const role = entities.role(physicalId);
      role.trustPolicy = JSON.stringify(wanted.AssumeRolePolicyDocument);
      checkTrustPolicy(role.trustPolicy);
      role.description = wanted.Description;
      role.maxSessionSeconds = wanted.MaxSessionDuration ?? 3600;
      role.tags = wanted.Tags ?? [];
      for (const arn of wanted.ManagedPolicyArns ?? []) entities.attach(role.name, arn);
      for (const policy of wanted.Policies ?? [])
        entities.putPolicy(role.name, policy.PolicyName, JSON.stringify(policy.PolicyDocument));
      for (const arn of previous.ManagedPolicyArns ?? [])
        if (!wanted.ManagedPolicyArns?.includes(arn)) unlessGone(() => entities.detach(role.name, arn));
      for (const { PolicyName } of previous.Policies ?? [])
        if (!wanted.Policies?.some((policy) => policy.PolicyName === PolicyName))
          unlessGone(() => entities.deletePolicy(role.name, PolicyName));
      await clock.sleep(durations.resourceMs);
      return state(role);
    },
    // Only what this resource put on the role goes with it; anything else is in the way.
    delete: async ({ physicalId, properties: own }) => {
      for (const arn of own.ManagedPolicyArns ?? []) unlessGone(() => entities.detach(physicalId, arn));
      for (const { PolicyName } of own.Policies ?? [])
        unlessGone(() => entities.deletePolicy(physicalId, PolicyName));
      unlessGone(() => entities.deleteRole(physicalId));
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => {
      const role = entities.roles.get(physicalId);
      return role && state(role);
    },
    nameOf: ({ RoleName }) => RoleName,
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html */
function rolePolicyType(
  entities: Entities,
  { clock, durations }: IamWorld,
): ResourceType<z.output<typeof rolePolicyShape>> {
  const idOf = (wanted: { PolicyName: string; RoleName: string }) =>
    `${wanted.PolicyName}|${wanted.RoleName}`;
  const parts = (physicalId: string) => physicalId.split('|') as [string, string];
  async function put(wanted: z.output<typeof rolePolicyShape>) {
    entities.putPolicy(wanted.RoleName, wanted.PolicyName, JSON.stringify(wanted.PolicyDocument));
    await clock.sleep(durations.resourceMs);
    return { physicalId: idOf(wanted), attributes: {} };
  }
  return {
    typeName: 'AWS::IAM::RolePolicy',
    properties: rolePolicyShape,
    create: async ({ properties: wanted }) => {
      if (entities.role(wanted.RoleName).inline.has(wanted.PolicyName))
        throw new AwsError(
          'EntityAlreadyExists',
          `Resource of type 'AWS::IAM::RolePolicy' with identifier '${idOf(wanted)}' already exists.`,
          409,
        );
      return put(wanted);
    },
    update: async ({ properties: wanted }) => put(wanted),
    delete: async ({ physicalId }) => {
      const [policyName, roleName] = parts(physicalId);
      unlessGone(() => entities.deletePolicy(roleName, policyName));
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => {
      const [policyName, roleName] = parts(physicalId);
      return entities.roles.get(roleName)?.inline.has(policyName)
        ? { physicalId, attributes: {} }
        : undefined;
    },
    nameOf: idOf,
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
function policyType(
  entities: Entities,
  { clock, durations }: IamWorld,
): ResourceType<z.output<typeof policyShape>> {
  const known = new Set<string>();
  const put = (wanted: z.output<typeof policyShape>) => {
    for (const role of wanted.Roles)
      entities.putPolicy(role, wanted.PolicyName, JSON.stringify(wanted.PolicyDocument));
  };
  const remove = (from: z.output<typeof policyShape>, kept: string[]) => {
    for (const role of from.Roles)
      if (!kept.includes(role)) unlessGone(() => entities.deletePolicy(role, from.PolicyName));
  };
  const state = (physicalId: string) => ({ physicalId, attributes: { Id: physicalId } });
  return {
    typeName: 'AWS::IAM::Policy',
    properties: policyShape,
    create: async (request) => {
      put(request.properties);
      await clock.sleep(durations.resourceMs);
      const physicalId = generatedName(request);
      known.add(physicalId);
      return state(physicalId);
    },
    update: async ({ physicalId, properties: wanted, previous }) => {
      put(wanted);
      remove(previous, wanted.PolicyName === previous.PolicyName ? wanted.Roles : []);
      await clock.sleep(durations.resourceMs);
      return state(physicalId);
    },
    delete: async ({ physicalId, properties: own }) => {
      remove(own, []);
      known.delete(physicalId);
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => (known.has(physicalId) ? state(physicalId) : undefined),
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html */
function profileType(
  entities: Entities,
  { clock, durations }: IamWorld,
): ResourceType<z.output<typeof profileShape>> {
  const state = (profile: Profile) => ({ physicalId: profile.name, attributes: { Arn: profile.arn } });
  return {
    typeName: 'AWS::IAM::InstanceProfile',
    properties: profileShape,
    create: async (request) => {
      const wanted = request.properties;
      const role = entities.role(wanted.Roles[0] as string);
      const profile = entities.createProfile(
        wanted.InstanceProfileName ?? generatedName(request),
        wanted.Path,
      );
      entities.addRole(profile.name, role.name);
      await clock.sleep(durations.resourceMs);
      return state(profile);
    },
    update: async ({ physicalId, properties: wanted }) => {
      const profile = entities.profile(physicalId);
      const role = entities.role(wanted.Roles[0] as string);
      profile.role = role.name;
      await clock.sleep(durations.resourceMs);
      return state(profile);
    },
    delete: async ({ physicalId }) => {
      const role = entities.profiles.get(physicalId)?.role;
      if (role !== undefined) entities.removeRole(physicalId, role);
      unlessGone(() => entities.deleteProfile(physicalId));
      await clock.sleep(durations.resourceMs);
    },
    find: (physicalId) => {
      const profile = entities.profiles.get(physicalId);
      return profile && state(profile);
    },
    nameOf: ({ InstanceProfileName }) => InstanceProfileName,
  };
}
