import { parameterArn } from '../../names';
import type { EnvironmentPosture } from '../../posture';
import type { Settings } from '../../settings';
import type { EnvironmentOption, OptionName } from '../ports';

const sizesNamespace = 'aws:autoscaling:asg';
export const variablesNamespace = 'aws:elasticbeanstalk:application:environment';
export const secretsNamespace = 'aws:elasticbeanstalk:application:environmentsecrets';

/** The options of an environment that its posture decides, with the values it wants. */
export function ownedOptions(settings: Settings, declared: EnvironmentPosture): EnvironmentOption[] {
  const inNamespace = (namespace: string, values: Record<string, string>) =>
    Object.entries(values).map(([name, value]) => ({ namespace, name, value }));
  const references = Object.entries(declared.secrets).map(([name, parameter]) => [
    name,
    parameterArn(settings, parameter),
  ]);
  return [
    ...inNamespace(sizesNamespace, {
      MinSize: String(declared.size.min),
      MaxSize: String(declared.size.max),
    }),
    ...inNamespace(variablesNamespace, declared.variables),
    ...inNamespace(secretsNamespace, Object.fromEntries(references)),
  ];
}

/**
 * The options that must not exist beside them: variables that are to be absent, and owned ones in the other namespace.
 * Which of two of one name a process gets is not documented.
 */
export function strayOptions(declared: EnvironmentPosture): OptionName[] {
  const inNamespace = (namespace: string, names: string[]) => names.map((name) => ({ namespace, name }));
  return [
    ...inNamespace(variablesNamespace, [...declared.absent, ...Object.keys(declared.secrets)]),
    ...inNamespace(secretsNamespace, [...declared.absent, ...Object.keys(declared.variables)]),
  ];
}

export const keyOf = ({ namespace, name }: OptionName) => `${namespace}:${name}`;
