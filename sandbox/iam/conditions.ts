import { AwsError } from '../errors';
import { wildcard } from './wildcard';

/** Values of condition keys, as a call brings them. */
export type Context = Record<string, string[]>;

export interface Condition {
  qualifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  operator: Operator;
  key: string;
  values: string[];
}

const operators = {
  StringEquals: (value: string, wanted: string) => value === wanted,
  StringLike: (value: string, wanted: string) => wildcard(wanted, '').test(value),
  ArnLike: (value: string, wanted: string) => wildcard(wanted, '').test(value),
};
type Operator = keyof typeof operators;

/** The keys whose values are told, by the rights that need them; those of many values need a qualifier. */
const known: { key: RegExp; isMany: boolean }[] = [
  { key: /^aws:CalledVia$/, isMany: true },
  { key: /^route53:ChangeResourceRecordSets(NormalizedRecordNames|RecordTypes|Actions)$/, isMany: true },
  { key: /^iam:(PassedToService|PolicyARN)$/, isMany: false },
  { key: /^ssm:resourceTag\/elasticbeanstalk:environment-name$/, isMany: false },
  { key: /^autoscaling:ResourceTag\/elasticbeanstalk:environment-name$/, isMany: false },
  { key: /^ec2:LaunchTemplate$/, isMany: false },
  { key: /^ssm:Overwrite$/, isMany: false },
];

/**
 * Reads the Condition of a statement; an operator or a key that is not known here is refused by name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function parseConditions(given: Record<string, Record<string, string[]>>): Condition[] {
  return Object.entries(given).flatMap(([words, keys]) => {
    const [, qualifier, operator = ''] = /^(?:(ForAllValues|ForAnyValue):)?(\w+)$/.exec(words) ?? [];
    if (!Object.hasOwn(operators, operator)) throw notModelled(`the operator ${words}`);
    return Object.entries(keys).map(([key, values]): Condition => {
      const found = known.find((each) => each.key.test(key));
      if (!found) throw notModelled(`the condition key ${key}`);
      if (found.isMany !== (qualifier !== undefined))
        throw notModelled(`${words} for ${key}, which has ${found.isMany ? 'many values' : 'one value'}`);
      return {
        qualifier: qualifier as Condition['qualifier'],
        operator: operator as Operator,
        key,
        values,
      };
    });
  });
}

/**
 * A key that the call does not bring meets no condition but one for all of its values.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export function holds({ qualifier, operator, key, values }: Condition, context: Context): boolean {
  const brought = context[key] ?? [];
  const fits = (value: string) => values.some((wanted) => operators[operator](value, wanted));
  return qualifier === 'ForAllValues' ? brought.every(fits) : brought.some(fits);
}

const notModelled = (what: string) =>
  new AwsError('MalformedPolicyDocument', `the sandbox does not model ${what} in an identity policy`);
