import {
  GetInstanceProfileCommand,
  IAMClient,
  NoSuchEntityException,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import type { InstanceRoles } from '../upgrade/ports';
import type { Clients } from './clients';

/** Roles of Identity and Access Management, as instances have them. */
export class IamRoles implements InstanceRoles {
  private readonly iam: IAMClient;

  constructor(clients: Clients) {
    this.iam = clients.make(IAMClient);
  }

  async ofProfile(profile: string): Promise<string | undefined> {
    try {
      const { InstanceProfile } = await this.iam.send(
        new GetInstanceProfileCommand({ InstanceProfileName: profile }),
      );
      return InstanceProfile?.Roles?.[0]?.RoleName;
    } catch (error) {
      if (error instanceof NoSuchEntityException) return undefined;
      throw error;
    }
  }

  async policies(role: string): Promise<{ managed: string[]; inline: string[] }> {
    const managed: string[] = [];
    const inline: string[] = [];
    const attached = paginateListAttachedRolePolicies({ client: this.iam }, { RoleName: role });
    for await (const { AttachedPolicies = [] } of attached)
      managed.push(...AttachedPolicies.flatMap(({ PolicyArn }) => (PolicyArn ? [PolicyArn] : [])));
    for await (const { PolicyNames = [] } of paginateListRolePolicies(
      { client: this.iam },
      { RoleName: role },
    ))
      inline.push(...PolicyNames);
    return { managed: managed.sort(), inline: inline.sort() };
  }
}
