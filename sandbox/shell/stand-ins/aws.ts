import { z } from 'zod';
import { AwsError } from '../../errors';
import type { Instance, World } from '../../world';
import { type BriefStandIn, UnmodelledCommand } from '../stand-in';

type AwsWorld = Pick<World, 'account' | 'region' | 'iam' | 'parameters'>;

/** A call of the command: what it answers, or how AWS refuses it. */
type Call = (role: Pick<Instance, 'id' | 'role'>) => string;

/**
 * The parameters of Systems Manager, with the rights of the instance's role:
 * `aws ssm get-parameter --name N --with-decryption --query Parameter.Value --output text [--region R]` and
 * `aws ssm put-parameter --cli-input-json file:///dev/stdin [--region R]` for one that is not there yet.
 */
export function aws(world: AwsWorld): BriefStandIn {
  return ({ args, instance, print, complain }) => {
    const { operation, call } = understood(args, world);
    try {
      print(call(instance));
      return 0;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      complain(
        `\nAn error occurred (${error.code}) when calling the ${operation} operation: ${error.message}\n`,
      );
      return 254;
    }
  };
}

function understood(args: string[], world: AwsWorld): { operation: string; call: Call } {
  const unmodelled = () => new UnmodelledCommand(`aws ${args.join(' ')}`);
  const [service, command, ...options] = args;
  const { '--region': region = world.region, ...values } = valuesOf(options, unmodelled);
  if (service !== 'ssm' || region !== world.region) throw unmodelled();
  const names = Object.keys(values).sort().join(' ');
  if (command === 'get-parameter' && names === '--name --output --query --with-decryption') {
    const name = values['--name'] ?? '';
    const plain = values['--query'] === 'Parameter.Value' && values['--output'] === 'text';
    if (name === '' || !plain) throw unmodelled();
    return { operation: 'GetParameter', call: (role) => readParameter(world, role, name) };
  }
  if (command === 'put-parameter' && names === '--cli-input-json')
    return { operation: 'PutParameter', call: (role) => put(world, role, values['--cli-input-json'] ?? '') };
  throw unmodelled();
}

const known = ['--name', '--query', '--output', '--region', '--cli-input-json'];

function valuesOf(options: string[], unmodelled: () => Error): Record<string, string> {
  const values: Record<string, string> = {};
  for (let index = 0; index < options.length; index++) {
    const option = options[index] as string;
    if (option === '--with-decryption') values[option] = '';
    else if (known.includes(option)) values[option] = options[++index] ?? '';
    else throw unmodelled();
  }
  return values;
}

function readParameter(world: AwsWorld, instance: Parameters<Call>[0], name: string): string {
  refuseUnlessAllowed(world, instance, 'ssm:GetParameter', name);
  const parameter = world.parameters.read(name);
  if (!parameter) throw new AwsError('ParameterNotFound', '');
  return `${parameter.value}\n`;
}

const newParameter = z.strictObject({
  Name: z.string(),
  Type: z.literal('SecureString'),
  Value: z.string().min(1),
});

function put(world: AwsWorld, instance: Parameters<Call>[0], text: string): string {
  const { Name: name, Value: value, Type: type } = newParameter.parse(JSON.parse(text));
  refuseUnlessAllowed(world, instance, 'ssm:PutParameter', name);
  if (world.parameters.read(name))
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  const { version } = world.parameters.put(name, value, type);
  return `${JSON.stringify({ Version: version, Tier: 'Standard' }, undefined, 4)}\n`;
}

function refuseUnlessAllowed(
  world: AwsWorld,
  { id, role }: Parameters<Call>[0],
  action: string,
  name: string,
): void {
  const arn = name.startsWith('arn:') ? name : world.parameters.arnOf(name);
  const decision = world.iam.decide(role, action, arn);
  if (decision === 'allowed') return;
  const user = `arn:aws:sts::${world.account}:assumed-role/${role}/${id}`;
  const reason =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${user} is not authorized to perform: ${action} on resource: ${arn} ${reason}`,
  );
}
