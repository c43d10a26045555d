import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { ContractClient, Outcome } from './client';

const imports = (module: string) => spawnSync('python3', ['-c', `import ${module}`]).status === 0;

/** Which of them this machine has. */
export const pythonClients = (['boto3', 'aws'] as const).filter((name) =>
  imports(name === 'aws' ? 'awscli.clidriver' : 'botocore.session'),
);

/**
 * boto3's own library or the `aws` command, in one process of python3 that lives as long as the client.
 * With `--unchecked` it sends also what it knows to be wrong.
 */
export function pythonClient(
  name: 'boto3' | 'aws',
  env: NodeJS.ProcessEnv,
  options: string[] = [],
): ContractClient {
  const child: ChildProcess = spawn('python3', [path.join(__dirname, 'drive.py'), ...options], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Interface = createInterface(child.stdout!);
  const answers = lines[Symbol.asyncIterator]();
  return {
    name,
    async call(service, operation, input) {
      child.stdin!.write(`${JSON.stringify({ as: name, service, operation, input })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`python3 ended at ${service} ${operation}.`);
      return JSON.parse(value) as Outcome;
    },
    close: () => child.stdin!.end(),
  };
}
