import { integer, text } from '../protocol/shapes';

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
