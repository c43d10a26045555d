import { randomUUID } from 'node:crypto';
import { AwsError } from '../errors';
import type { RunningCommand, Scripts } from '../shell/shell';
import type { Instance, World } from '../world';

export type InvocationStatus =
  | 'Pending'
  | 'InProgress'
  | 'Success'
  | 'Failed'
  | 'TimedOut'
  | 'Cancelling'
  | 'Cancelled';

export interface NewCommand {
  instanceIds: string[];
  script: string;
  parameters: Record<string, string[]>;
  comment: string;
  workingDirectory: string | undefined;
  executionTimeoutMs: number;
  deliveryTimeoutSeconds: number;
  output: { bucket: string; prefix: string } | undefined;
}

/** One command on one instance. */
export interface Invocation {
  commandId: string;
  instance: Instance;
  status: InvocationStatus;
  /** -1 until it has ended. */
  responseCode: number;
  requestedAtMs: number;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  stdout: Buffer[];
  stderr: Buffer[];
  running: RunningCommand | undefined;
  /** Why it is being ended before its time. */
  ending: 'TimedOut' | 'Cancelled' | undefined;
}

export interface Command extends NewCommand {
  id: string;
  requestedAtMs: number;
  invocations: Invocation[];
}

/** What the agent reports for a command that it ended itself. */
const endedByAgent = 137;

export const isOver = ({ status }: Invocation) => !['Pending', 'InProgress', 'Cancelling'].includes(status);

/** Run Command: scripts that run on instances, each in an activity of its own. */
export class Commands {
  readonly all = new Map<string, Command>();

  constructor(
    private readonly world: World,
    private readonly shell: Scripts,
  ) {}

  /** The instances whose agent answers: running, not cut off, and allowed by their role to report. */
  managed(): Instance[] {
    return this.world.beanstalk.instances().filter((instance) => this.isManaged(instance));
  }

  private isManaged({ state, managed, role }: Instance): boolean {
    if (state !== 'running' || !managed) return false;
    return this.world.iam.decide(role, 'ssm:UpdateInstanceInformation', '*') === 'allowed';
  }

  /** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html */
  send(wanted: NewCommand): Command {
    const all = this.world.beanstalk.instances();
    const instances = wanted.instanceIds.map((id) =>
      all.find((instance) => instance.id === id && this.isManaged(instance)),
    );
    const invalid = wanted.instanceIds.filter((_, index) => !instances[index]);
    if (invalid.length > 0)
      throw new AwsError(
        'InvalidInstanceId',
        `Instances [[${invalid.join(', ')}]] not in a valid state for account ${this.world.account}`,
      );
    this.checkOutput(wanted);
    const requestedAtMs = this.world.clock.nowMs();
    const command: Command = { ...wanted, id: randomUUID(), requestedAtMs, invocations: [] };
    command.invocations = (instances as Instance[]).map((instance) => ({
      commandId: command.id,
      instance,
      status: 'Pending',
      responseCode: -1,
      requestedAtMs,
      startedAtMs: undefined,
      endedAtMs: undefined,
      stdout: [],
      stderr: [],
      running: undefined,
      ending: undefined,
    }));
    this.all.set(command.id, command);
    for (const invocation of command.invocations)
      this.world.clock
        .run(`command ${command.id} on ${invocation.instance.id}`, () => this.perform(command, invocation))
        .catch((error) => this.fail(invocation, error));
    return command;
  }

  cancel(command: Command, instanceIds: string[] | undefined): void {
    for (const invocation of command.invocations) {
      if (isOver(invocation) || (instanceIds && !instanceIds.includes(invocation.instance.id))) continue;
      this.end(invocation, 'Cancelled');
    }
  }

  private checkOutput({ output }: NewCommand): void {
    try {
      if (output) this.world.buckets.get(output.bucket, output.prefix);
    } catch {
      throw new AwsError('InvalidOutputFolder', 'The S3 bucket does not exist.');
    }
  }

  private async perform(command: Command, invocation: Invocation): Promise<void> {
    const { clock } = this.world;
    invocation.status = 'InProgress';
    invocation.startedAtMs = clock.nowMs();
    this.world.happened('command.started', { commandId: command.id, instance: invocation.instance.id });
    invocation.running = await this.shell.run({
      instance: invocation.instance,
      script: command.script,
      workingDirectory: command.workingDirectory,
      onStdout: (data) => invocation.stdout.push(data),
      onStderr: (data) => invocation.stderr.push(data),
    });
    const deadlineMs = invocation.startedAtMs + command.executionTimeoutMs;
    const forget = clock.at(deadlineMs, 'execution timeout', () => this.end(invocation, 'TimedOut'));
    if (invocation.ending) invocation.running.end();
    const exitCode = await invocation.running.exitCode;
    // What cannot report any more is not heard of again until its time is over.
    if (!this.isManaged(invocation.instance)) return;
    forget();
    this.finish(command, invocation, exitCode);
  }

  private finish(command: Command, invocation: Invocation, exitCode: number): void {
    if (isOver(invocation)) return;
    if (exitCode !== 0)
      invocation.stderr.push(Buffer.from(`failed to run commands: exit status ${exitCode}`));
    invocation.responseCode = invocation.ending ? endedByAgent : exitCode;
    invocation.endedAtMs = this.world.clock.nowMs();
    this.upload(command, invocation);
    invocation.status = invocation.ending ?? (exitCode === 0 ? 'Success' : 'Failed');
    const { status, instance } = invocation;
    this.world.happened('command.ended', { commandId: command.id, instance: instance.id, status });
  }

  private end(invocation: Invocation, why: 'TimedOut' | 'Cancelled'): void {
    if (isOver(invocation)) return;
    invocation.ending ??= why;
    if (why === 'Cancelled') invocation.status = 'Cancelling';
    invocation.running?.end();
    if (this.isManaged(invocation.instance)) return;
    // Its output never arrived.
    invocation.stdout = [];
    invocation.stderr = [];
    invocation.status = why;
    invocation.endedAtMs = this.world.clock.nowMs();
  }

  private fail(invocation: Invocation, error: unknown): void {
    invocation.stderr.push(Buffer.from(`sandbox: ${error}\n`));
    invocation.responseCode = 1;
    invocation.endedAtMs = this.world.clock.nowMs();
    invocation.status = 'Failed';
  }

  /**
   * The agent stores the whole output with the rights of the instance's role; without them nothing is stored, and
   * the command succeeds all the same.
   */
  private upload(command: Command, { instance, stdout, stderr }: Invocation): void {
    if (!command.output) return;
    const { bucket } = command.output;
    for (const [name, chunks] of Object.entries({ stdout, stderr })) {
      const body = Buffer.concat(chunks);
      if (body.length === 0) continue;
      const key = outputKey(command, instance.id, name);
      if (this.world.iam.decide(instance.role, 's3:PutObject', `arn:aws:s3:::${bucket}/${key}`) === 'allowed')
        this.world.buckets.put(bucket, key, body);
      else
        this.world.happened('command.outputRefused', {
          commandId: command.id,
          role: instance.role,
          bucket,
          key,
        });
    }
  }
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
export function outputKey(command: Command, instanceId: string, name: string): string {
  const prefix = command.output?.prefix ?? '';
  const start = prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`;
  return `${start}${command.id}/${instanceId}/awsrunShellScript/0.awsrunShellScript/${name}`;
}
