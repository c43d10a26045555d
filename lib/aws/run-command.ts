import { join } from 'node:path';
import {
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  InvalidInstanceId,
  InvalidOutputFolder,
  InvocationDoesNotExist,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { bucketName, stackNames } from '../names';
import type { Clock } from '../runbook/clock';
import { having, PreconditionError, StepFailedError, type UpgradeError } from '../runbook/errors';
import { patient } from '../runbook/patience';
import type { Settings } from '../settings';
import type { Begun, CommandResult, Instances, Progress } from '../upgrade/ports';
import { isUnanswered } from '../upgrade/run/passing';
import type { Clients } from './clients';
import { CommandOutputs } from './command-outputs';
import { commandText, type Scripts, scriptsIn } from './command-text';

/** How long an instance may take to fetch its command; AWS's own default is an hour. */
const deliverySeconds = 60;
/** A command whose end is never told is given up this long after it should have ended. */
const graceSeconds = 60;
const longestPollMs = 10_000;

type RunOptions = Parameters<Instances['run']>[3];

/** Scripts of lib/on-instance, run by Run Command. What a script prints is kept whole in the operations bucket. */
export class RunCommand implements Pick<Instances, 'run' | 'start' | 'ended'> {
  /** SendCommand has no idempotency token: a call whose answer is lost must not be repeated by the library. */
  private readonly once: SSMClient;
  private readonly ssm: SSMClient;
  private readonly outputs: CommandOutputs;
  private readonly scripts: Scripts;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly progress: Progress,
    clients: Clients,
    folder = join(__dirname, '..', 'on-instance'),
  ) {
    this.once = clients.make(SSMClient, { maxAttempts: 1 });
    this.ssm = clients.make(SSMClient);
    this.scripts = scriptsIn(folder);
    this.outputs = new CommandOutputs(settings, clients);
  }

  async run(instance: string, script: string, args: string[], options: RunOptions): Promise<CommandResult> {
    const begun = await this.start(instance, script, args, options);
    this.progress(`${script} on ${instance}: command ${begun.commandId}`);
    const invocation = await this.end(begun, options);
    return following(options, () => this.result(begun, invocation));
  }

  async start(
    instance: string,
    script: string,
    args: string[],
    { timeoutSeconds }: { timeoutSeconds: number },
  ): Promise<Begun> {
    const commandId = await this.send(
      instance,
      script,
      commandText(this.scripts, script, args),
      timeoutSeconds,
    );
    return { instance, script, commandId };
  }

  async ended(begun: Begun): Promise<CommandResult | undefined> {
    const invocation = await this.invocation(begun);
    return isOver(begun, invocation) ? this.result(begun, invocation) : undefined;
  }

  private async result({ commandId }: Begun, invocation: GetCommandInvocationCommandOutput) {
    return { commandId, exitCode: invocation.ResponseCode ?? -1, ...(await this.whole(invocation)) };
  }

  private async send(instance: string, script: string, text: string, timeoutSeconds: number) {
    for (let attempt = 1; ; attempt++)
      try {
        const { Command } = await this.once.send(
          new SendCommandCommand({
            DocumentName: 'AWS-RunShellScript',
            InstanceIds: [instance],
            Parameters: { commands: [text], executionTimeout: [String(timeoutSeconds)] },
            TimeoutSeconds: deliverySeconds,
            Comment: `${this.settings.prefix} ${script}`,
            OutputS3BucketName: bucketName(this.settings),
            OutputS3KeyPrefix: 'commands',
          }),
        );
        return Command?.CommandId ?? '';
      } catch (error) {
        if (error instanceof InvalidInstanceId)
          throw unreachable(instance, script, 'it is not registered with Systems Manager, or not running');
        if (error instanceof InvalidOutputFolder) throw bucketMissing(this.settings);
        if ((error as UpgradeError).code !== 'RATE_EXCEEDED' || attempt === 6) throw error;
        await this.clock.sleep(500 * 2 ** attempt);
      }
  }

  /** The command goes on whether it can be asked for or not. */
  private async end(begun: Begun, options: RunOptions): Promise<GetCommandInvocationCommandOutput> {
    const given = { clock: this.clock, passes: isUnanswered, tell: this.progress };
    const look = patient(given, () => following(options, () => this.invocation(begun)));
    const startedMs = this.clock.now().getTime();
    for (let pollMs = 500; ; pollMs = Math.min(pollMs * 1.5, longestPollMs)) {
      const invocation = await look();
      if (isOver(begun, invocation)) return invocation;
      const seconds = Math.round((this.clock.now().getTime() - startedMs) / 1000);
      if (seconds > deliverySeconds + options.timeoutSeconds + graceSeconds) throw timedOut(begun);
      options.onWait?.(seconds);
      await this.clock.sleep(pollMs);
    }
  }

  /** Undefined in the first moments, while AWS does not yet know the invocation of a command it has accepted. */
  private async invocation({ commandId, instance }: Begun) {
    try {
      return await this.ssm.send(
        new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instance }),
      );
    } catch (error) {
      if (error instanceof InvocationDoesNotExist) return undefined;
      throw error;
    }
  }

  private async whole(invocation: GetCommandInvocationCommandOutput) {
    const {
      StandardOutputContent = '',
      StandardOutputUrl,
      StandardErrorContent = '',
      StandardErrorUrl,
    } = invocation;
    const [stdout, stderr] = await Promise.all([
      this.outputs.whole(StandardOutputContent, 24_000, StandardOutputUrl, this.clock),
      this.outputs.whole(StandardErrorContent, 8_000, StandardErrorUrl, this.clock),
    ]);
    return { stdout: printable(stdout), stderr: printable(stderr) };
  }
}

/** What was printed may come from the data: a control character of it must not reach a terminal, which would obey. */
const printable = (text: string) => text.replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');

/** What cannot be seen of a command is no sign that it did nothing. */
function following<T>({ begun }: RunOptions, look: () => Promise<T>): Promise<T> {
  return begun === undefined ? look() : having(begun, look);
}

/** See https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
const underway = new Set(['', 'Pending', 'InProgress', 'Delayed', 'Cancelling']);
const undelivered = new Set(['Undeliverable', 'DeliveryTimedOut']);

/** @throws UpgradeError when it ended in no way of its own */
function isOver(
  begun: Begun,
  invocation: GetCommandInvocationCommandOutput | undefined,
): invocation is GetCommandInvocationCommandOutput {
  // AWS's pages write these words with spaces, its answers without.
  const detail = (invocation?.StatusDetails ?? '').replaceAll(' ', '');
  if (detail === 'Success' || detail === 'Failed') return true;
  if (undelivered.has(detail)) throw unreachable(begun.instance, begun.script, `Run Command says ${detail}`);
  if (detail === 'ExecutionTimedOut') throw timedOut(begun);
  if (!underway.has(detail)) throw broken(begun, detail);
  return false;
}

function unreachable(instance: string, script: string, reason: string): PreconditionError {
  return new PreconditionError('INSTANCE_UNREACHABLE', {
    so: `Run Command cannot reach the instance ${instance} to run ${script}: ${reason}.`,
    changed: 'Nothing was run on it.',
    next: `See whether it runs and its agent is registered (aws ssm describe-instance-information --filters Key=InstanceIds,Values=${instance}); then run the same command again.`,
  });
}

function bucketMissing(settings: Settings): PreconditionError {
  return new PreconditionError('OUTPUT_BUCKET_MISSING', {
    so: `The bucket ${bucketName(settings)}, which keeps what commands print, does not exist.`,
    changed: 'Nothing was run on any instance.',
    next: `Deploy it (npx cdk deploy ${stackNames(settings).operations}; where that changes nothing, docs/what-if.md has how to make it by hand), then run the same command again.`,
  });
}

function timedOut({ instance, script, commandId }: Begun): StepFailedError {
  return new StepFailedError('COMMAND_TIMED_OUT', {
    so: `${script} did not end within its time on ${instance} (command ${commandId}).`,
    changed: 'What it had done until then stays done.',
    next: `Look with aws ssm get-command-invocation --command-id ${commandId} --instance-id ${instance}, then run the same command again.`,
  });
}

function broken({ instance, script, commandId }: Begun, detail: string): StepFailedError {
  return new StepFailedError('COMMAND_BROKEN_OFF', {
    so: `${script} was broken off on ${instance}: Run Command says ${detail} (command ${commandId}).`,
    changed: 'What it had done until then stays done.',
    next: 'Look with npm run status, then run the same command again.',
  });
}
