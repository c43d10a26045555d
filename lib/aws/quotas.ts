import { DescribeAccountAttributesCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Quota, Quotas } from '../upgrade/preflight/ports';
import type { Clients } from './clients';

/** What the account may have, and how much of it is used. */
export class RdsQuotas implements Quotas {
  private readonly rds: RDSClient;

  constructor(clients: Clients) {
    this.rds = clients.make(RDSClient);
  }

  /** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeAccountAttributes.html */
  async ofDatabases(): Promise<Quota[]> {
    const { AccountQuotas } = await this.rds.send(new DescribeAccountAttributesCommand({}));
    return (AccountQuotas ?? []).map(({ AccountQuotaName = '', Used = 0, Max = 0 }) => ({
      name: AccountQuotaName,
      used: Used,
      max: Max,
    }));
  }
}
