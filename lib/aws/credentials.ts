import type { Credentials } from '../upgrade/preflight/ports';
import type { Clients } from './clients';

/**
 * When the credentials end with which all clients sign. Those of a session carry a token; most of their sources tell their
 * end too, variables where AWS_CREDENTIAL_EXPIRATION is set.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
 */
export class SigningCredentials implements Credentials {
  constructor(private readonly clients: Pick<Clients, 'credentials'>) {}

  /** A source that is asked again and gives a later end gets itself new ones whenever they are about to end. */
  async end(): Promise<'unknown' | Date | undefined> {
    const { sessionToken, expiration } = await this.clients.credentials();
    if (!sessionToken) return undefined;
    if (!expiration) return 'unknown';
    const again = await this.clients.credentials({ forceRefresh: true });
    const isRenewed = again.expiration !== undefined && again.expiration > expiration;
    return isRenewed ? undefined : expiration;
  }
}
