import type { World } from '../../world';
import { type BriefStandIn, UnmodelledCommand } from '../stand-in';

type AwsWorld = Pick<World, 'account' | 'region' | 'iam' | 'parameters'>;

/**
 * `aws ssm get-parameter --name N --with-decryption --query Parameter.Value --output text [--region R]` with the
 * rights of the instance's role.
 */
export function aws(world: AwsWorld): BriefStandIn {
  return ({ args, instance, print, complain }) => {
    const name = parameterName(args, world.region);
    const refuse = (code: string, message: string) => {
      complain(`\nAn error occurred (${code}) when calling the GetParameter operation: ${message}\n`);
      return 254;
    };
    const arn = name.startsWith('arn:') ? name : world.parameters.arnOf(name);
    const decision = world.iam.decide(instance.role, 'ssm:GetParameter', arn);
    if (decision !== 'allowed') {
      const user = `arn:aws:sts::${world.account}:assumed-role/${instance.role}/${instance.id}`;
      const reason =
        decision === 'explicitDeny'
          ? 'with an explicit deny in an identity-based policy'
          : 'because no identity-based policy allows the ssm:GetParameter action';
      return refuse(
        'AccessDeniedException',
        `User: ${user} is not authorized to perform: ssm:GetParameter on resource: ${arn} ${reason}`,
      );
    }
    const parameter = world.parameters.read(name);
    if (!parameter) return refuse('ParameterNotFound', '');
    print(`${parameter.value}\n`);
    return 0;
  };
}

function parameterName(args: string[], ownRegion: string): string {
  const unmodelled = () => new UnmodelledCommand(`aws ${args.join(' ')}`);
  const [service, operation, ...options] = args;
  if (service !== 'ssm' || operation !== 'get-parameter') throw unmodelled();
  const values: Record<string, string> = {};
  let decrypt = false;
  for (let index = 0; index < options.length; index++) {
    const option = options[index] as string;
    if (option === '--with-decryption') decrypt = true;
    else if (['--name', '--query', '--output', '--region'].includes(option))
      values[option] = options[++index] ?? '';
    else throw unmodelled();
  }
  const name = values['--name'];
  const plain = values['--query'] === 'Parameter.Value' && values['--output'] === 'text';
  if (!name || !decrypt || !plain || (values['--region'] ?? ownRegion) !== ownRegion) throw unmodelled();
  return name;
}
