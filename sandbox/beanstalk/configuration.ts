import { AwsError, notModelled } from '../errors';
import {
  type Effect,
  namespaceKnown,
  namespacesNotModelled,
  ruleOf,
  secrets,
  tableOptions,
  variables,
} from './options';

export interface OptionName {
  Namespace: string;
  OptionName: string;
}

export interface OptionSetting extends OptionName {
  Value: string;
}

/** Plain variables may take this much in all, as `name=value`.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environments-cfg-softwaresettings.html */
const variablesLimitBytes = 4096;

const keyOf = (namespace: string, name: string) => `${namespace}\n${name}`;

/** The options an environment was given. What an update leaves out stays; only a removal removes. */
export class Configuration {
  private constructor(private readonly set: ReadonlyMap<string, OptionSetting>) {}

  static readonly empty = new Configuration(new Map());

  /** A new configuration, checked. Throws AWS's refusal. */
  with(settings: OptionSetting[], removals: OptionName[] = []): Configuration {
    const next = new Map(this.set);
    for (const setting of settings) {
      check(setting);
      next.set(keyOf(setting.Namespace, setting.OptionName), { ...setting });
    }
    for (const removal of removals) {
      if (!ruleOf(removal.Namespace, removal.OptionName)) throw unknownOption(removal);
      next.delete(keyOf(removal.Namespace, removal.OptionName));
    }
    const made = new Configuration(next);
    made.checkTogether();
    return made;
  }

  /** The value that was set, or else AWS's default. */
  value(namespace: string, name: string): string | undefined {
    return this.set.get(keyOf(namespace, name))?.Value ?? ruleOf(namespace, name)?.default;
  }

  number(namespace: string, name: string): number {
    return Number(this.value(namespace, name));
  }

  variables(): Record<string, string> {
    return this.namesIn(variables);
  }

  /** The ARN of each secret by its variable's name. */
  secrets(): Record<string, string> {
    return this.namesIn(secrets);
  }

  /** All options with a value: those of the table first, defaults included. */
  settings(): OptionSetting[] {
    this.told ??= this.all();
    return this.told;
  }

  private told: OptionSetting[] | undefined;

  private all(): OptionSetting[] {
    const known = tableOptions().flatMap(({ namespace, name }) => {
      const value = this.value(namespace, name);
      return value === undefined ? [] : [{ Namespace: namespace, OptionName: name, Value: value }];
    });
    const listed = new Set(known.map((option) => keyOf(option.Namespace, option.OptionName)));
    return [...known, ...[...this.set].filter(([key]) => !listed.has(key)).map(([, option]) => option)];
  }

  /** What the step from this configuration to the next one touches. */
  effectsOf(next: Configuration): Set<Effect> {
    const effects = new Set<Effect>();
    for (const key of new Set([...this.set.keys(), ...next.set.keys()])) {
      const [namespace, name] = key.split('\n') as [string, string];
      if (this.value(namespace, name) === next.value(namespace, name)) continue;
      effects.add(ruleOf(namespace, name)?.effect ?? 'none');
    }
    return effects;
  }

  private namesIn(namespace: string): Record<string, string> {
    const options = [...this.set.values()].filter((option) => option.Namespace === namespace);
    return Object.fromEntries(options.map((option) => [option.OptionName, option.Value]));
  }

  private checkTogether(): void {
    const bytes = Object.entries(this.variables())
      .map(([name, value]) => Buffer.byteLength(`${name}=${value}`))
      .reduce((sum, size) => sum + size, 0);
    if (bytes > variablesLimitBytes)
      throw invalid(
        `Environment variables take ${bytes} bytes together; the limit is ${variablesLimitBytes} bytes.`,
      );
    const group = 'aws:autoscaling:asg';
    if (this.number(group, 'MinSize') > this.number(group, 'MaxSize'))
      throw invalid(
        `Invalid option value: '${this.value(group, 'MinSize')}' (Namespace: '${group}', OptionName: 'MinSize'): MinSize is greater than MaxSize.`,
      );
  }
}

function check(setting: OptionSetting): void {
  const rule = ruleOf(setting.Namespace, setting.OptionName);
  if (!rule) throw unknownOption(setting);
  if (!rule.allowed.test(setting.Value))
    throw invalid(
      `Invalid option value: '${setting.Value}' (Namespace: '${setting.Namespace}', OptionName: '${setting.OptionName}'): Value does not satisfy ${rule.allowed} (as far as the sandbox models it).`,
    );
  if (setting.Namespace === secrets && setting.Value.startsWith('arn:aws:secretsmanager:'))
    throw notModelled(`secrets of Secrets Manager (${setting.OptionName})`);
}

function unknownOption({ Namespace, OptionName }: OptionName): AwsError {
  if (!namespaceKnown(Namespace) && namespacesNotModelled.test(Namespace))
    return notModelled(`the option ${OptionName} of ${Namespace}`);
  return invalid(
    `Invalid option specification (Namespace: '${Namespace}', OptionName: '${OptionName}'): Unknown configuration setting.`,
  );
}

function invalid(text: string): AwsError {
  return new AwsError('ConfigurationValidationException', `Configuration validation exception: ${text}`);
}
