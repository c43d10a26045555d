import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import type { Certificates } from '../upgrade/preflight/ports';
import type { Clients } from './clients';
import { stated } from './stated';

export class AcmCertificates implements Certificates {
  private readonly acm: ACMClient;

  constructor(clients: Clients) {
    this.acm = clients.make(ACMClient);
  }

  /** https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html */
  async find(CertificateArn: string) {
    try {
      const { Certificate } = await this.acm.send(new DescribeCertificateCommand({ CertificateArn }));
      const found = stated(Certificate, `Certificate of ${CertificateArn}`);
      const names = [found.DomainName, ...(found.SubjectAlternativeNames ?? [])];
      return {
        status: stated(found.Status, `Status of ${CertificateArn}`),
        names: [...new Set(names.flatMap((name) => name ?? []))],
        endsAt: found.NotAfter,
      };
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}
