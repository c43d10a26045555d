/** An error that the operations of AWS's own models do not declare, and where AWS or its users tell of it. */
export interface CommonError {
  status: number;
  source: string;
}

const told = (source: string, codes: Record<string, number>): Record<string, CommonError> =>
  Object.fromEntries(Object.entries(codes).map(([code, status]) => [code, { status, source }]));

const docs = 'https://docs.aws.amazon.com';

/** By the name that the service signs with, and the code. */
export const commonErrors: Record<string, Record<string, CommonError>> = {
  acm: told(`${docs}/acm/latest/APIReference/CommonErrors.html`, { ValidationException: 400 }),
  autoscaling: told(`${docs}/autoscaling/ec2/APIReference/CommonErrors.html`, { ValidationError: 400 }),
  cloudformation: told(`${docs}/AWSCloudFormation/latest/APIReference/CommonErrors.html`, {
    ValidationError: 400,
  }),
  ec2: told(`${docs}/AWSEC2/latest/APIReference/errors-overview.html`, {
    'InvalidGroup.NotFound': 400,
    'InvalidInstanceID.NotFound': 400,
    InvalidPaginationToken: 400,
    'InvalidSubnetID.NotFound': 400,
    'InvalidVpcID.NotFound': 400,
    MissingParameter: 400,
    UnknownParameter: 400,
  }),
  elasticbeanstalk: {
    ...told(`${docs}/elasticbeanstalk/latest/api/CommonErrors.html`, {
      InvalidParameterCombination: 400,
      InvalidParameterValue: 400,
      MissingParameter: 400,
      ValidationError: 400,
    }),
    ...told('https://github.com/pulumi/pulumi-aws/issues/3461', { ConfigurationValidationException: 400 }),
  },
  elasticloadbalancing: told(`${docs}/elasticloadbalancing/latest/APIReference/CommonErrors.html`, {
    ValidationError: 400,
  }),
  iam: told(`${docs}/IAM/latest/APIReference/CommonErrors.html`, { ValidationError: 400 }),
  rds: told(`${docs}/AmazonRDS/latest/APIReference/CommonErrors.html`, {
    InvalidParameterCombination: 400,
    InvalidParameterValue: 400,
    ValidationError: 400,
  }),
  s3: told(`${docs}/AmazonS3/latest/API/ErrorResponses.html`, {
    // The answer to HEAD has no body, and so no code.
    404: 404,
    BadDigest: 400,
    BucketNotEmpty: 409,
    IllegalLocationConstraintException: 400,
    IllegalVersioningConfigurationException: 400,
    InvalidArgument: 400,
    InvalidBucketName: 400,
    InvalidRange: 416,
    MalformedPolicy: 400,
    MalformedXML: 400,
    MethodNotAllowed: 405,
    NoSuchBucket: 404,
    NoSuchBucketPolicy: 404,
    NoSuchKey: 404,
    NoSuchVersion: 404,
    PreconditionFailed: 412,
  }),
  ssm: told(`${docs}/systems-manager/latest/APIReference/CommonErrors.html`, { ValidationException: 400 }),
  sts: told(`${docs}/STS/latest/APIReference/CommonErrors.html`, { AccessDenied: 403, ValidationError: 400 }),
  wafv2: told(`${docs}/waf/latest/APIReference/CommonErrors.html`, { ValidationException: 400 }),
};
