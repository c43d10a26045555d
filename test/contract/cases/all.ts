import { elasticbeanstalk } from './beanstalk';
import type { Case } from './case';
import { cloudformation } from './cloudformation';
import { iam } from './iam';
import { acm, ec2, elbv2, sts } from './looking';
import { rds } from './rds';
import { route53 } from './route53';
import { s3 } from './s3';
import { sns } from './sns';
import { ssm } from './ssm';
import { wafv2 } from './wafv2';

/** Every case in the order in which a client asks them: what one keeps, later ones use. */
export const allCases: Case[] = [
  ...sts,
  ...acm,
  ...iam,
  ...s3,
  ...ec2,
  ...elasticbeanstalk,
  ...elbv2,
  ...ssm,
  ...rds,
  ...cloudformation,
  ...route53,
  ...wafv2,
  ...sns,
];
