import { integer, text } from '../protocol/shapes';

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_CreateEnvironment.html */
export const applicationName = text.min(1).max(100);
export const environmentName = text.min(4).max(40);
export const named = { EnvironmentName: environmentName.optional(), EnvironmentId: text.optional() };

export const paging = { MaxRecords: integer.optional(), NextToken: text.optional() };

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_DescribeEvents.html: up to 1,000 at once. */
export function pageAsked(asked: { MaxRecords?: number | undefined; NextToken?: string | undefined }) {
  return {
    size: asked.MaxRecords,
    usual: 1000,
    largest: 1000,
    token: asked.NextToken,
    fault: 'InvalidParameterValue',
  };
}
