import type { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { type AcceptedFinding, acceptedFindings } from '../accepted-findings';
import type { Finding } from './schema-findings';

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
