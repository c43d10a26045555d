import { type App, CloudFormationValidatePlugin } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { type AcceptedFinding, acceptedFindings } from '../accepted-findings';

/** What is wrong with a resource of a template. */
export interface Finding {
  stack: string;
  resource: string;
  /** A property, where it is one that is wrong. */
  property?: string | undefined;
  rule: string;
  what: string;
}

/**
 * Holds templates to the schemas that CloudFormation publishes of its resources: AWS's own validator, which comes with the CDK and
 * has the schemas in it. What it would mend silently counts too.
 * https://github.com/aws-cloudformation/cloudformation-validate
 */
export class SchemaCheck {
  private readonly validator = new CloudFormationValidatePlugin();

  of(app: App, { stacks }: CloudAssembly): Finding[] {
    return stacks.flatMap(({ stackName, templateFullPath }) =>
      this.ofTemplate(app, stackName, templateFullPath),
    );
  }

  ofTemplate(app: App, stack: string, templatePath: string): Finding[] {
    const described = { stackConstructPath: stack, templatePath, accountId: undefined, region: undefined };
    const { violations } = this.validator.validate({
      templatePaths: [templatePath],
      stackTemplates: [described],
      appConstruct: app,
    });
    return violations.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ resourceLogicalId = stack, locations: [property] }) => ({
        stack,
        resource: resourceLogicalId,
        property: property?.replace(/^Properties\.?/, '') || undefined,
        rule: ruleName,
        what: description,
      })),
    );
  }
}

/**
 * What cdk-nag finds in an app and nobody has accepted.
 * @param use told of each acceptance that was needed
 */
export function nagFindings(
  app: App,
  givenUp: boolean,
  use: (accepted: AcceptedFinding) => void = () => {},
): Finding[] {
  const found = new AwsSolutionsChecks()
    .validateScope(app)
    .violations.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({
        rule: ruleName,
        what: description,
        path: constructPath!,
      })),
    );
  return found
    .filter(({ rule, path }) => {
      const accepted = acceptanceOf(rule, around(app, path), givenUp);
      if (accepted) use(accepted);
      return !accepted;
    })
    .map(({ path, ...finding }) => {
      const [stack = '', ...inside] = path.split('/');
      return { stack, resource: inside.join('/'), ...finding };
    });
}

const acceptanceOf = (rule: string, places: IConstruct[], isGivenUp: boolean) =>
  acceptedFindings.find(
    ({ of, finding, givenUp = false }) =>
      finding.test(rule) && places.some((each) => each instanceof of) && (isGivenUp || !givenUp),
  );

/** Everything around a resource, from its stack inwards. */
function around(app: App, path: string): IConstruct[] {
  const ids = path.split('/');
  const places = [app.node.findChild(ids[0]!)];
  for (const id of ids.slice(1)) places.push(places.at(-1)!.node.findChild(id));
  return places;
}
