import { randomBytes } from 'node:crypto';
import { AwsError, notModelled } from '../errors';
import type { World } from '../world';
import { managedPolicies } from './managed-policies';
import { type Decision, evaluate, parseIdentityPolicy, type Statement } from './policy';

export type IamWorld = Pick<World, 'account' | 'region' | 'clock' | 'durations'>;

export interface Role {
  name: string;
  id: string;
  arn: string;
  path: string;
  description: string | undefined;
  trustPolicy: string;
  maxSessionSeconds: number;
  tags: { Key: string; Value: string }[];
  createdAtMs: number;
  /** Documents by policy name. */
  inline: Map<string, string>;
  /** ARNs of attached managed policies. */
  attached: Set<string>;
  /** What counts from when on; the newest last. */
  effective: { fromMs: number; statements: Statement[] }[];
}

export interface Profile {
  name: string;
  id: string;
  arn: string;
  path: string;
  createdAtMs: number;
  role: string | undefined;
}

export interface NewRole {
  name: string;
  trustPolicy: string;
  path?: string;
  description?: string;
  maxSessionSeconds?: number;
  tags?: { Key: string; Value: string }[];
}

const noSuchEntity = (message: string) => new AwsError('NoSuchEntity', message, 404);
const conflict = (message: string) => new AwsError('DeleteConflict', message, 409);
const id = (prefix: string) => `${prefix}${randomBytes(9).toString('hex').slice(0, 17).toUpperCase()}`;

/** Roles and instance profiles, and what may be done to them. */
export class Entities {
  readonly roles = new Map<string, Role>();
  readonly profiles = new Map<string, Profile>();

  constructor(private readonly world: IamWorld) {}

  role(name: string): Role {
    const role = this.roles.get(name);
    if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  }

  createRole(wanted: NewRole): Role {
    if (this.roles.has(wanted.name))
      throw new AwsError('EntityAlreadyExists', `Role with name ${wanted.name} already exists.`, 409);
    const path = wanted.path ?? '/';
    const role: Role = {
      name: wanted.name,
      id: id('AROA'),
      arn: `arn:aws:iam::${this.world.account}:role${path}${wanted.name}`,
      path,
      description: wanted.description,
      trustPolicy: wanted.trustPolicy,
      maxSessionSeconds: wanted.maxSessionSeconds ?? 3600,
      tags: wanted.tags ?? [],
      createdAtMs: this.world.clock.nowMs(),
      inline: new Map(),
      attached: new Set(),
      effective: [],
    };
    this.roles.set(role.name, role);
    return role;
  }

  /** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
  deleteRole(name: string): void {
    const role = this.role(name);
    if (this.profilesOf(name).length > 0)
      throw conflict('Cannot delete entity, must remove roles from instance profile first.');
    if (role.attached.size > 0) throw conflict('Cannot delete entity, must detach all policies first.');
    if (role.inline.size > 0) throw conflict('Cannot delete entity, must delete policies first.');
    this.roles.delete(name);
  }

  putPolicy(roleName: string, policyName: string, document: string): void {
    const role = this.role(roleName);
    parseIdentityPolicy(document);
    role.inline.set(policyName, document);
    this.changed(role);
  }

  deletePolicy(roleName: string, policyName: string): void {
    const role = this.role(roleName);
    if (!role.inline.delete(policyName))
      throw noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
    this.changed(role);
  }

  attach(roleName: string, policyArn: string): void {
    const role = this.role(roleName);
    if (!Object.hasOwn(managedPolicies, policyArn)) throw notModelled(`the managed policy ${policyArn}`);
    role.attached.add(policyArn);
    this.changed(role);
  }

  detach(roleName: string, policyArn: string): void {
    const role = this.role(roleName);
    if (!role.attached.delete(policyArn)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
    this.changed(role);
  }

  profile(name: string): Profile {
    const profile = this.profiles.get(name);
    if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
    return profile;
  }

  profilesOf(roleName: string): Profile[] {
    return [...this.profiles.values()].filter(({ role }) => role === roleName);
  }

  createProfile(name: string, path = '/'): Profile {
    if (this.profiles.has(name))
      throw new AwsError('EntityAlreadyExists', `Instance Profile ${name} already exists.`, 409);
    const arn = `arn:aws:iam::${this.world.account}:instance-profile${path}${name}`;
    const createdAtMs = this.world.clock.nowMs();
    const profile = { name, id: id('AIPA'), arn, path, createdAtMs, role: undefined };
    this.profiles.set(name, profile);
    return profile;
  }

  deleteProfile(name: string): void {
    if (this.profile(name).role !== undefined)
      throw conflict('Cannot delete entity, must remove roles from instance profile first.');
    this.profiles.delete(name);
  }

  addRole(profileName: string, roleName: string): void {
    const profile = this.profile(profileName);
    this.role(roleName);
    if (profile.role !== undefined)
      throw new AwsError(
        'LimitExceeded',
        'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
        409,
      );
    profile.role = roleName;
  }

  removeRole(profileName: string, roleName: string): void {
    const profile = this.profile(profileName);
    if (profile.role !== roleName)
      throw noSuchEntity(
        `The role with name ${roleName} cannot be found in instance profile ${profileName}.`,
      );
    profile.role = undefined;
  }

  /** By name or ARN; a role that is not there may do nothing. */
  decide(roleNameOrArn: string, action: string, resource: string): Decision {
    const role = this.roles.get(roleNameOrArn.split('/').at(-1) as string);
    const nowMs = this.world.clock.nowMs();
    const effective = role?.effective.findLast(({ fromMs }) => fromMs <= nowMs);
    return evaluate(effective?.statements ?? [], action, resource);
  }

  /** Lets all that a role was given so far count at once, as for one that has long been there. */
  settle(name: string): void {
    const nowMs = this.world.clock.nowMs();
    for (const change of this.role(name).effective) change.fromMs = nowMs;
  }

  private changed(role: Role): void {
    const statements = [
      ...[...role.inline.values()].flatMap((document) => parseIdentityPolicy(document)),
      ...[...role.attached].flatMap((arn) => managedPolicies[arn] as Statement[]),
    ];
    const fromMs = this.world.clock.nowMs() + this.world.durations.iamLagMs;
    role.effective.push({ fromMs, statements });
  }
}
