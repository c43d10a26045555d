import { z } from 'zod';
import { AwsError, notModelled } from '../errors';
import type { PlannedCertificate } from '../plan';
import { type OperationService, operation } from '../service';
import type { World } from '../world';

/** A certificate as it was issued; time alone makes it expire. */
export interface Certificate {
  arn: string;
  domainName: string;
  /** As ACM lists them, the domain name among them. */
  alternativeNames: string[];
  status: 'ISSUED' | 'PENDING_VALIDATION';
  issuedAtMs: number;
  expiresAtMs: number;
}

const dayMs = 24 * 60 * 60_000;
const secondMs = 1_000;

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html */
const certificateArn = z
  .string()
  .min(20)
  .max(2048)
  .regex(/^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(\/[\w+=,.@-]+)*$/);

/** Certificate Manager: certificates that are there, and can be looked at. */
export function createAcm(world: Pick<World, 'account' | 'region' | 'clock'>) {
  const certificates = new Map<string, Certificate>();

  function seed({ validDays, ...planned }: PlannedCertificate): void {
    const issuedAtMs = world.clock.nowMs();
    const expiresAtMs = issuedAtMs + validDays * dayMs;
    certificates.set(planned.arn, { ...planned, status: 'ISSUED', issuedAtMs, expiresAtMs });
  }

  function find(arn: string): Certificate {
    const own = `arn:aws:acm:${world.region}:${world.account}:certificate/`;
    if (!arn.startsWith(own)) throw notModelled(`the certificate ${arn} in acm, only those of ${own}`);
    const found = certificates.get(arn);
    if (!found) throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
    return found;
  }

  const service: OperationService = {
    name: 'acm',
    protocol: 'json',
    namespace: 'CertificateManager',
    operations: {
      DescribeCertificate: operation(
        z.strictObject({ CertificateArn: certificateArn }),
        ({ CertificateArn }) => ({ Certificate: describe(find(CertificateArn), world.clock.nowMs()) }),
      ),
    },
  };
  return { service, resourceTypes: [], certificates, seed };
}

/** One that is not issued yet has no dates. https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html */
function describe(certificate: Certificate, nowMs: number) {
  const { arn, domainName, alternativeNames, status, issuedAtMs, expiresAtMs } = certificate;
  const named = {
    CertificateArn: arn,
    DomainName: domainName,
    SubjectAlternativeNames: alternativeNames,
    Type: 'AMAZON_ISSUED',
    CreatedAt: issuedAtMs / secondMs,
  };
  if (status !== 'ISSUED') return { ...named, Status: status };
  return {
    ...named,
    Status: expiresAtMs <= nowMs ? 'EXPIRED' : status,
    IssuedAt: issuedAtMs / secondMs,
    NotBefore: issuedAtMs / secondMs,
    NotAfter: expiresAtMs / secondMs,
  };
}
