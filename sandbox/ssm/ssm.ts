import type { OperationService } from '../service';
import { type Scripts, Shell } from '../shell/shell';
import type { RealPython } from '../shell/stand-ins';
import type { Parameters, World } from '../world';
import { commandOperations } from './command-operations';
import { Commands } from './commands';
import { parameterOperations } from './parameter-operations';
import { parameterType } from './parameter-type';
import { ParameterStore } from './parameters';

/**
 * Systems Manager's parameters and Run Command, with the version parameter that `cdk bootstrap` leaves. `python` is
 * a real checkout of the application; another `shell` carries scripts out in its own way. `close` ends the commands that still run.
 */
export function createSsm(
  world: World,
  options: { python?: RealPython | undefined; shell?: Scripts | undefined } = {},
) {
  const store = new ParameterStore(world);
  store.put('/cdk-bootstrap/hnb659fds/version', '30', 'String');
  const shell = options.shell ?? new Shell({ world, python: options.python });
  const commands = new Commands(world, shell);
  const service: OperationService = {
    name: 'ssm',
    protocol: 'json',
    namespace: 'AmazonSSM',
    operations: { ...parameterOperations(store), ...commandOperations(commands, world) },
  };
  const parameters: Parameters = store;
  return { service, resourceTypes: [parameterType(store, world)], parameters, close: () => shell.close() };
}
