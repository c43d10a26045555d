import { parameterArn, parameterNames, stampVariable } from '../../names';
import type { EnvironmentPosture } from '../../posture';
import type { Settings } from '../../settings';
import type { EnvironmentOption, OptionName } from '../ports';
import type { Difference } from '../stacks/differences';
import { keyOf, ownedOptions, secretsNamespace, variablesNamespace } from '../stacks/owned-options';

/** What a hand-made environment is, measured by the posture that it is to be in. No value of a secret is in it. */
export interface Sealable {
  /** Owned options that are so already: all that an import may state. */
  stated: EnvironmentOption[];
  /** What sealing sets, and the plain copies that it takes away. */
  toSet: EnvironmentOption[];
  toRemove: OptionName[];
  /** Variables whose plain values belong in the secret parameters of these names. */
  toKeep: Record<string, string>;
  /** What is otherwise than declared, and must be mended by people first. */
  differences: Difference[];
}

const plainOf = (name: string) => ({ namespace: variablesNamespace, name });
const referenceOf = (name: string) => ({ namespace: secretsNamespace, name });

/** Pure. What differs only because it was not sealed yet is no difference. */
export function sealable(
  settings: Settings,
  declared: EnvironmentPosture,
  options: Record<string, string>,
): Sealable {
  const found: Sealable = { stated: [], toSet: [], toRemove: [], toKeep: {}, differences: [] };
  for (const option of ownedOptions(settings, declared)) {
    const observed = options[keyOf(option)];
    if (option.namespace === secretsNamespace) judgeSecret(settings, declared, options, option, found);
    else if (observed === option.value) found.stated.push(option);
    else if (option.name === stampVariable && observed === undefined) found.toSet.push(option);
    else found.differences.push(difference(declared, option.name, option.value, observed ?? 'absent'));
  }
  for (const name of settings.variables.secrets) judgeShared(settings, declared, options, name, found);
  for (const name of declared.absent)
    if (options[keyOf(plainOf(name))] !== undefined || options[keyOf(referenceOf(name))] !== undefined)
      found.differences.push(difference(declared, name, 'absent', 'set'));
  return found;
}

const difference = ({ name: where }: EnvironmentPosture, what: string, is: string, observed: string) => ({
  where,
  what,
  declared: is,
  observed,
});

/** A variable that the posture decides: it is to come from one parameter, and has a plain value until it is sealed. */
function judgeSecret(
  settings: Settings,
  declared: EnvironmentPosture,
  options: Record<string, string>,
  option: EnvironmentOption,
  found: Sealable,
): void {
  const { name } = option;
  const reference = options[keyOf(option)];
  const plain = options[keyOf(plainOf(name))];
  const parameter = declared.secrets[name]!;
  const holdsNothing = parameter === parameterNames(settings).notSet;
  if (reference === option.value && plain === undefined) found.stated.push(option);
  else if (reference !== undefined && reference !== option.value)
    found.differences.push(
      difference(declared, name, `the parameter ${parameter}`, 'a secret from elsewhere'),
    );
  else if (plain === undefined && !holdsNothing)
    found.differences.push(difference(declared, name, 'a value', 'absent'));
  else {
    found.toSet.push(option);
    if (plain !== undefined) found.toRemove.push(plainOf(name));
    if (plain !== undefined && !holdsNothing) found.toKeep[name] = parameter;
  }
}

/** A secret that is the same whatever the posture: an environment may do without it. */
function judgeShared(
  settings: Settings,
  declared: EnvironmentPosture,
  options: Record<string, string>,
  name: string,
  found: Sealable,
): void {
  const parameter = parameterNames(settings).secret(name);
  const value = parameterArn(settings, parameter);
  const reference = options[keyOf(referenceOf(name))];
  const plain = options[keyOf(plainOf(name))];
  if (reference !== undefined && reference !== value)
    found.differences.push(
      difference(declared, name, `the parameter ${parameter}`, 'a secret from elsewhere'),
    );
  else if (plain !== undefined) {
    found.toSet.push({ ...referenceOf(name), value });
    found.toRemove.push(plainOf(name));
    found.toKeep[name] = parameter;
  } else if (reference === undefined && settings.roles[declared.role]!.payments)
    found.differences.push(difference(declared, name, 'a value', 'absent'));
}
