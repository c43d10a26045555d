import type { World } from '../../world';
import { type StandIn, UnmodelledCommand } from '../stand-in';

/**
 * `get-config environment`, with or without `-k NAME`: the variables of the last deployment, as JSON.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/custom-platforms-scripts.html
 */
export function getConfig({ switches }: Pick<World, 'switches'>): StandIn {
  return ({ args, instance, print, complain }) => {
    const [what, option, name, ...more] = args;
    const known = what === 'environment' && more.length === 0;
    if (!known || (option !== undefined && (!['-k', '--key'].includes(option) || name === undefined)))
      throw new UnmodelledCommand(`get-config ${args.join(' ')}`);
    const visible = Object.entries(instance.deployed).filter(
      ([variable]) => switches.shellSeesSecrets || !instance.deployedSecrets.has(variable),
    );
    const variables = Object.fromEntries(visible);
    if (name === undefined) {
      print(`${JSON.stringify(variables)}\n`);
      return 0;
    }
    if (variables[name] === undefined) {
      complain(`The variable ${name} does not exist\n`);
      return 1;
    }
    print(`${variables[name]}\n`);
    return 0;
  };
}
