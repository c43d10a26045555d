import { type App, CloudFormationValidatePlugin } from 'aws-cdk-lib';

/** What is wrong with a resource of a template. */
export interface Finding {
  stack: string;
  resource: string;
  /** A property, where it is one that is wrong. */
  property?: string | undefined;
  rule: string;
  what: string;
}

let validator: CloudFormationValidatePlugin | undefined;

/**
 * What breaks the schemas that CloudFormation publishes of its resources, by AWS's own validator, which comes with the CDK and
 * has the schemas in it. What CloudFormation would mend silently counts too.
 * https://github.com/aws-cloudformation/cloudformation-validate
 */
export function schemaFindings(app: App, stack: string, templatePath: string): Finding[] {
  // Making one takes seconds, asking it milliseconds.
  validator ??= new CloudFormationValidatePlugin();
  const { violations } = validator.validate({
    templatePaths: [templatePath],
    stackTemplates: [{ stackConstructPath: stack, templatePath, accountId: undefined, region: undefined }],
    appConstruct: app,
  });
  return violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ resourceLogicalId = '', locations: [property] }) => ({
      stack,
      resource: resourceLogicalId,
      property: property?.replace(/^Properties\.?/, '') || undefined,
      rule: ruleName,
      what: description,
    })),
  );
}
