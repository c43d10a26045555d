import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Secrets } from '../upgrade/ports';
import type { Clients } from './clients';

/** SecureString parameters. Their values are written once and never asked for. */
export class ParameterSecrets implements Secrets {
  private readonly ssm: SSMClient;

  constructor(clients: Clients) {
    this.ssm = clients.make(SSMClient);
  }

  async exists(name: string): Promise<boolean> {
    try {
      await this.ssm.send(new GetParameterCommand({ Name: name, WithDecryption: false }));
      return true;
    } catch (error) {
      if (error instanceof ParameterNotFound) return false;
      throw error;
    }
  }

  async create(name: string, value: string): Promise<void> {
    await this.ssm.send(
      new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite: false }),
    );
  }
}
