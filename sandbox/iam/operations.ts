import { z } from 'zod';
import { AwsError } from '../errors';
import { pageOf } from '../protocol/paging';
import { input, integer, list, text } from '../protocol/shapes';
import { type Operation, operation } from '../service';
import { checkTrustPolicy } from './policy';
import type { Entities, Profile, Role } from './store';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names */
const RoleName = text.regex(/^[\w+=,.@-]{1,64}$/);
const longerName = text.regex(/^[\w+=,.@-]{1,128}$/);
/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html */
const tagText = z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
const iamTags = list(z.strictObject({ Key: tagText.min(1).max(128), Value: tagText.max(256) }));
const roleInput = input({ RoleName });
const policyInput = input({ RoleName, PolicyName: longerName });
const attachInput = input({ RoleName, PolicyArn: text });
const profileInput = input({ InstanceProfileName: longerName });
const memberInput = input({ InstanceProfileName: longerName, RoleName });
const page = { Marker: text.optional(), MaxItems: integer.optional() };

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html */
export function iamOperations(entities: Entities): Record<string, Operation> {
  return { ...roles(entities), ...policies(entities), ...profiles(entities) };
}

function roles(entities: Entities): Record<string, Operation> {
  return {
    CreateRole: operation(
      input({
        RoleName,
        AssumeRolePolicyDocument: text,
        Path: text.optional(),
        Description: text.max(1000).optional(),
        MaxSessionDuration: integer.pipe(z.number().min(3600).max(43_200)).optional(),
        Tags: iamTags.optional(),
      }),
      (wanted) => {
        checkTrustPolicy(wanted.AssumeRolePolicyDocument);
        const role = entities.createRole({
          name: wanted.RoleName,
          trustPolicy: wanted.AssumeRolePolicyDocument,
          path: wanted.Path,
          description: wanted.Description,
          maxSessionSeconds: wanted.MaxSessionDuration,
          tags: wanted.Tags,
        });
        return { Role: describeRole(role) };
      },
    ),
    GetRole: operation(roleInput, ({ RoleName }) => ({ Role: describeRole(entities.role(RoleName)) })),
    ListRoles: operation(input({ PathPrefix: text.default('/'), ...page }), (asked) => {
      const fitting = [...entities.roles.values()].filter(({ path }) => path.startsWith(asked.PathPrefix));
      const { items, more } = pageAsked(fitting, asked);
      return { Roles: { member: items.map(describeRole) }, ...more };
    }),
    DeleteRole: operation(roleInput, ({ RoleName }) => entities.deleteRole(RoleName)),
  };
}

function policies(entities: Entities): Record<string, Operation> {
  return {
    PutRolePolicy: operation(
      input({ RoleName, PolicyName: longerName, PolicyDocument: text }),
      ({ RoleName, PolicyName, PolicyDocument }) => entities.putPolicy(RoleName, PolicyName, PolicyDocument),
    ),
    GetRolePolicy: operation(policyInput, ({ RoleName, PolicyName }) => {
      const document = entities.role(RoleName).inline.get(PolicyName);
      if (document === undefined)
        throw new AwsError('NoSuchEntity', `The role policy with name ${PolicyName} cannot be found.`, 404);
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(document) };
    }),
    ListRolePolicies: operation(input({ RoleName, ...page }), (asked) => {
      const { items, more } = pageAsked([...entities.role(asked.RoleName).inline.keys()], asked);
      return { PolicyNames: { member: items }, ...more };
    }),
    DeleteRolePolicy: operation(policyInput, ({ RoleName, PolicyName }) =>
      entities.deletePolicy(RoleName, PolicyName),
    ),
    AttachRolePolicy: operation(attachInput, ({ RoleName, PolicyArn }) =>
      entities.attach(RoleName, PolicyArn),
    ),
    DetachRolePolicy: operation(attachInput, ({ RoleName, PolicyArn }) =>
      entities.detach(RoleName, PolicyArn),
    ),
    ListAttachedRolePolicies: operation(input({ RoleName, ...page }), (asked) => {
      const { items, more } = pageAsked([...entities.role(asked.RoleName).attached], asked);
      const member = items.map((arn) => ({ PolicyName: arn.split('/').at(-1), PolicyArn: arn }));
      return { AttachedPolicies: { member }, ...more };
    }),
    SimulatePrincipalPolicy: operation(
      input({
        PolicySourceArn: text,
        ActionNames: list(
          text
            .min(3)
            .max(128)
            .regex(/^[\w-]+:[\w*?]+$/),
        ),
        ResourceArns: list(text).default(['*']),
      }),
      ({ PolicySourceArn, ActionNames, ResourceArns }) => {
        entities.role(PolicySourceArn.split('/').at(-1) as string);
        const member = ActionNames.flatMap((action) =>
          ResourceArns.map((resource) => ({
            EvalActionName: action,
            EvalResourceName: resource,
            EvalDecision: entities.decide(PolicySourceArn, action, resource),
          })),
        );
        return { EvaluationResults: { member }, IsTruncated: false };
      },
    ),
  };
}

function profiles(entities: Entities): Record<string, Operation> {
  const describe = (profile: Profile) => ({
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    Path: profile.path,
    CreateDate: new Date(profile.createdAtMs),
    Roles: { member: profile.role === undefined ? [] : [describeRole(entities.role(profile.role))] },
  });
  return {
    CreateInstanceProfile: operation(
      input({ InstanceProfileName: longerName, Path: text.optional() }),
      ({ InstanceProfileName, Path }) => ({
        InstanceProfile: describe(entities.createProfile(InstanceProfileName, Path)),
      }),
    ),
    GetInstanceProfile: operation(profileInput, ({ InstanceProfileName }) => ({
      InstanceProfile: describe(entities.profile(InstanceProfileName)),
    })),
    DeleteInstanceProfile: operation(profileInput, ({ InstanceProfileName }) =>
      entities.deleteProfile(InstanceProfileName),
    ),
    AddRoleToInstanceProfile: operation(memberInput, ({ InstanceProfileName, RoleName }) =>
      entities.addRole(InstanceProfileName, RoleName),
    ),
    RemoveRoleFromInstanceProfile: operation(memberInput, ({ InstanceProfileName, RoleName }) =>
      entities.removeRole(InstanceProfileName, RoleName),
    ),
    ListInstanceProfilesForRole: operation(input({ RoleName, ...page }), (asked) => {
      const { items, more } = pageAsked(entities.profilesOf(entities.role(asked.RoleName).name), asked);
      return { InstanceProfiles: { member: items.map(describe) }, ...more };
    }),
  };
}

function describeRole(role: Role) {
  return {
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    Path: role.path,
    CreateDate: new Date(role.createdAtMs),
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    Tags: role.tags.length > 0 ? { member: role.tags } : undefined,
  };
}

function pageAsked<Item>(all: Item[], { Marker, MaxItems }: { Marker?: string; MaxItems?: number }) {
  const { items, next } = pageOf(all, {
    size: MaxItems,
    usual: 100,
    largest: 1000,
    token: Marker,
    fault: 'ValidationError',
  });
  return { items, more: { IsTruncated: next !== undefined, Marker: next } };
}
