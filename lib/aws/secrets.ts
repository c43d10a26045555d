import { PutParameterCommand, paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';
import type { Secrets } from '../upgrade/ports';
import type { Clients } from './clients';

/** SecureString parameters. Their values are written once and never asked for. */
export class ParameterSecrets implements Secrets {
  private readonly ssm: SSMClient;

  constructor(clients: Clients) {
    this.ssm = clients.make(SSMClient);
  }

  /**
   * By what describes them: whoever may get a parameter may read its value, and nobody needs that here.
   * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
   */
  async exists(name: string): Promise<boolean> {
    const pages = paginateDescribeParameters(
      { client: this.ssm },
      { ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [name] }] },
    );
    for await (const { Parameters = [] } of pages) if (Parameters.length > 0) return true;
    return false;
  }

  async create(name: string, value: string): Promise<void> {
    await this.ssm.send(
      new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite: false }),
    );
  }
}
