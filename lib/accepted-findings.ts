import type { Construct } from 'constructs';
import { AdoptedEnvironment, NewEnvironment } from './constructs/beanstalk-environment';
import { InstanceRole } from './constructs/instance-role';
import { RestoredDatabase } from './constructs/restored-database';
import { OperationsStack } from './stacks/operations';
import { OriginalDatabaseStack } from './stacks/original-database';

export interface AcceptedFinding {
  /** The construct that has it: whatever is inside one. */
  of: abstract new (
    ...args: never[]
  ) => Construct;
  finding: RegExp;
  /** Only while its side is given up. */
  givenUp?: true;
  reason: string;
}

/**
 * What cdk-nag finds and the stacks keep, with the reason. It stands here and not in the constructs' metadata, which would be
 * rendered: a template that was imported would change, and with it the environment of a running application.
 * https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
 */
export const acceptedFindings: AcceptedFinding[] = [
  {
    of: OperationsStack,
    finding: /^AwsSolutions-S1$/,
    reason:
      'Journal and lock say themselves who wrote what, and versions are kept. Access logs would need a second bucket, kept for ever beside it.',
  },
  {
    of: InstanceRole,
    finding: /^AwsSolutions-IAM4\[Policy::arn:aws:iam::aws:policy\/AWSElasticBeanstalkWebTier\]$/,
    reason:
      'What an instance of Elastic Beanstalk needs is AWS’s to say, and changes with its platforms. It reaches buckets and log groups of Elastic Beanstalk alone.',
  },
  {
    of: InstanceRole,
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    reason:
      'The agent of Systems Manager: the actions of its channels know no resources, the others name an instance, whose id nobody knows before it is launched. Each action is named.',
  },
  {
    of: InstanceRole,
    finding: /^AwsSolutions-IAM5\[Resource::arn:aws:s3:::[\w-]+\/commands\/\*\]$/,
    reason:
      'The output of commands is put below one prefix of the operations bucket; AWS chooses what follows.',
  },
  {
    of: RestoredDatabase,
    finding: /^AwsSolutions-RDS2$/,
    reason:
      'A restored database is encrypted as its snapshot is, and a template that names a snapshot may not say otherwise.',
  },
  {
    of: RestoredDatabase,
    finding: /^AwsSolutions-RDS3$/,
    reason: 'The copy is as its source is. A second zone is one setting of the source, before the night.',
  },
  {
    of: RestoredDatabase,
    finding: /^AwsSolutions-RDS11$/,
    reason: 'The application’s port is a setting of it. The database is reached from its own network alone.',
  },
  {
    of: RestoredDatabase,
    finding: /^AwsSolutions-RDS10$/,
    givenUp: true,
    reason: 'It goes with its stack, once a final snapshot of it is there.',
  },
  {
    of: OriginalDatabaseStack,
    finding: /^AwsSolutions-RDS(3|10|11)$/,
    reason: 'It is imported as it is, and only to be taken away with a final snapshot.',
  },
  {
    of: AdoptedEnvironment,
    finding: /^AwsSolutions-EB(1|3|4)$/,
    reason:
      'People made it; its template states what postures own and nothing else. Its network and its logs are as they left them, which the template does not say.',
  },
  {
    of: NewEnvironment,
    finding: /^AwsSolutions-EB3$/,
    reason:
      'An update of the platform in the middle of a night would restart what is being proved. The next upgrade brings the next platform.',
  },
];
