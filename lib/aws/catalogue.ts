import {
  CheckDNSAvailabilityCommand,
  DescribeApplicationVersionsCommand,
  DescribePlatformVersionCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import type { Catalogue } from '../upgrade/preflight/ports';
import type { Clients } from './clients';
import { stated } from './stated';

/** Platforms, versions of the application and names of environments. */
export class BeanstalkCatalogue implements Catalogue {
  private readonly beanstalk: ElasticBeanstalkClient;

  constructor(
    private readonly application: string,
    clients: Clients,
  ) {
    this.beanstalk = clients.make(ElasticBeanstalkClient);
  }

  /** https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_DescribePlatformVersion.html */
  async platform(PlatformArn: string) {
    try {
      const { PlatformDescription: found } = await this.beanstalk.send(
        new DescribePlatformVersionCommand({ PlatformArn }),
      );
      if (!found) return undefined;
      return {
        status: stated(found.PlatformStatus, `PlatformStatus of ${PlatformArn}`),
        releasedAt: found.DateCreated,
      };
    } catch (error) {
      if (/^No Platform named/.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  /** https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_DescribeApplicationVersions.html */
  async versions(labels: string[]): Promise<string[]> {
    // Without labels it would list all there are.
    if (labels.length === 0) return [];
    const { ApplicationVersions } = await this.beanstalk.send(
      new DescribeApplicationVersionsCommand({ ApplicationName: this.application, VersionLabels: labels }),
    );
    return (ApplicationVersions ?? []).flatMap(({ VersionLabel }) => (VersionLabel ? [VersionLabel] : []));
  }

  /** https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_CheckDNSAvailability.html */
  async isFree(CNAMEPrefix: string): Promise<boolean> {
    const { Available } = await this.beanstalk.send(new CheckDNSAvailabilityCommand({ CNAMEPrefix }));
    return stated(Available, `Available of ${CNAMEPrefix}`);
  }
}
