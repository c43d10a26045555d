import { z } from 'zod';
import { AwsError, notModelled } from '../errors';
import { pageOf } from '../protocol/paging';
import { type Operation, operation } from '../service';
import type { World } from '../world';
import { type Command, type Commands, type Invocation, isOver, outputKey } from './commands';

const longestStdout = 24_000;
const longestStderr = 8_000;
const longestSummary = 2_500;
const truncated = '--output truncated--';
const documentName = z.enum(['AWS-RunShellScript', 'arn:aws:ssm:::document/AWS-RunShellScript']);
const seconds = z
  .string()
  .regex(/^\d+$/)
  .refine((text) => Number(text) >= 1 && Number(text) <= 172_800, 'must be from 1 to 172800 seconds');
const page = { MaxResults: z.number().int().min(1).max(50).optional(), NextToken: z.string().optional() };

const sendInput = z.strictObject({
  DocumentName: documentName,
  DocumentVersion: z.enum(['1', '$DEFAULT', '$LATEST']).optional(),
  InstanceIds: z.array(z.string()).min(1).max(50),
  Parameters: z.strictObject({
    commands: z.array(z.string()).min(1),
    workingDirectory: z.array(z.string()).length(1).optional(),
    executionTimeout: z.array(seconds).length(1).optional(),
  }),
  TimeoutSeconds: z.number().int().min(30).max(2_592_000).default(3600),
  Comment: z.string().max(100).default(''),
  OutputS3BucketName: z.string().min(3).max(63).optional(),
  OutputS3KeyPrefix: z.string().default(''),
  OutputS3Region: z.string().optional(),
});

export function commandOperations(commands: Commands, world: World): Record<string, Operation> {
  const commandWithId = (id: string): Command => {
    const command = commands.all.get(id);
    if (!command) throw new AwsError('InvalidCommandId', '');
    return command;
  };
  const settle = (invocations: Invocation[]) => world.clock.skipUntil(() => invocations.every(isOver));

  return {
    SendCommand: operation(sendInput, (wanted) => {
      // AWS puts the value of a parameter in its place, see
      // https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-param-runcommand.html
      if (wanted.Parameters.commands.some((text) => text.includes('{{')))
        throw notModelled('a reference ({{...}}) in a command');
      if (wanted.OutputS3Region !== undefined && wanted.OutputS3Region !== world.region)
        throw notModelled(`the output region ${wanted.OutputS3Region}`);
      const command = commands.send({
        instanceIds: wanted.InstanceIds,
        script: `${wanted.Parameters.commands.join('\n')}\n`,
        parameters: wanted.Parameters as Record<string, string[]>,
        comment: wanted.Comment,
        workingDirectory: wanted.Parameters.workingDirectory?.[0] || undefined,
        executionTimeoutMs: Number(wanted.Parameters.executionTimeout?.[0] ?? 3600) * 1000,
        deliveryTimeoutSeconds: wanted.TimeoutSeconds,
        output: wanted.OutputS3BucketName
          ? { bucket: wanted.OutputS3BucketName, prefix: wanted.OutputS3KeyPrefix }
          : undefined,
      });
      return { Command: describeCommand(command) };
    }),

    GetCommandInvocation: operation(
      z.strictObject({
        CommandId: z.string(),
        InstanceId: z.string(),
        PluginName: z.enum(['aws:runShellScript', 'aws:RunShellScript']).optional(),
      }),
      async ({ CommandId, InstanceId }) => {
        const command = commands.all.get(CommandId);
        const invocation = command?.invocations.find(({ instance }) => instance.id === InstanceId);
        if (!command || !invocation) throw new AwsError('InvocationDoesNotExist', '');
        await settle([invocation]);
        return describeInvocation(command, invocation, world);
      },
    ),

    ListCommandInvocations: operation(
      z.strictObject({
        CommandId: z.string().optional(),
        InstanceId: z.string().optional(),
        Details: z.boolean().default(false),
        ...page,
      }),
      async ({ CommandId, InstanceId, Details, ...asked }) => {
        const chosen = CommandId === undefined ? [...commands.all.values()] : [commandWithId(CommandId)];
        const pairs = chosen.flatMap((command) =>
          command.invocations
            .filter(({ instance }) => InstanceId === undefined || instance.id === InstanceId)
            .map((invocation) => ({ command, invocation })),
        );
        await settle(pairs.map(({ invocation }) => invocation));
        const { items, next: NextToken } = pageOf(pairs.reverse(), pageAsked(asked));
        return {
          CommandInvocations: items.map(({ command, invocation }) =>
            summary(command, invocation, Details, world),
          ),
          NextToken,
        };
      },
    ),

    ListCommands: operation(
      z.strictObject({ CommandId: z.string().optional(), InstanceId: z.string().optional(), ...page }),
      async ({ CommandId, InstanceId, ...asked }) => {
        const known = CommandId === undefined ? [...commands.all.values()] : [commandWithId(CommandId)];
        const chosen = known.filter(
          ({ instanceIds }) => InstanceId === undefined || instanceIds.includes(InstanceId),
        );
        await settle(chosen.flatMap(({ invocations }) => invocations));
        const { items, next: NextToken } = pageOf(chosen.reverse(), pageAsked(asked));
        return { Commands: items.map(describeCommand), NextToken };
      },
    ),

    CancelCommand: operation(
      z.strictObject({ CommandId: z.string(), InstanceIds: z.array(z.string()).optional() }),
      ({ CommandId, InstanceIds }) => commands.cancel(commandWithId(CommandId), InstanceIds),
    ),

    DescribeInstanceInformation: operation(
      z.strictObject({
        Filters: z
          .array(
            z.strictObject({
              Key: z.enum(['InstanceIds', 'PingStatus']),
              Values: z.array(z.string()).min(1),
            }),
          )
          .optional(),
        ...page,
      }),
      ({ Filters = [], ...asked }) => {
        const all = commands
          .managed()
          .filter((instance) =>
            Filters.every(({ Key, Values }) =>
              Values.includes(Key === 'InstanceIds' ? instance.id : 'Online'),
            ),
          );
        const { items, next: NextToken } = pageOf(all, pageAsked(asked));
        const list = items.map((instance) => ({
          InstanceId: instance.id,
          PingStatus: 'Online',
          LastPingDateTime: world.clock.nowMs() / 1000,
          IsLatestVersion: true,
          PlatformType: 'Linux',
          PlatformName: 'Amazon Linux',
          PlatformVersion: '2023',
          ResourceType: 'EC2Instance',
          IPAddress: instance.privateAddress,
        }));
        return { InstanceInformationList: list, NextToken };
      },
    ),
  };
}

/** What a command is as a whole, from what it is on each instance. */
function overall({ invocations }: Command): string {
  const statuses = invocations.map(({ status }) => status);
  const first = (['Pending', 'InProgress', 'Cancelling', 'TimedOut', 'Failed', 'Cancelled'] as const).find(
    (status) => statuses.includes(status),
  );
  return first ?? 'Success';
}

const detailNames: Record<string, string> = { TimedOut: 'Execution Timed Out', InProgress: 'In Progress' };
const invocationDetails: Record<string, string> = { TimedOut: 'ExecutionTimedOut' };

function describeCommand(command: Command) {
  const status = overall(command);
  const { invocations } = command;
  return {
    CommandId: command.id,
    DocumentName: 'AWS-RunShellScript',
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    ExpiresAfter:
      (command.requestedAtMs + command.deliveryTimeoutSeconds * 1000 + command.executionTimeoutMs) / 1000,
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: [],
    RequestedDateTime: command.requestedAtMs / 1000,
    Status: status,
    StatusDetails: detailNames[status] ?? status,
    OutputS3BucketName: command.output?.bucket ?? '',
    OutputS3KeyPrefix: command.output?.prefix ?? '',
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: invocations.length,
    CompletedCount: invocations.filter(isOver).length,
    ErrorCount: invocations.filter(({ status: one }) => one === 'Failed' || one === 'TimedOut').length,
    DeliveryTimedOutCount: 0,
    TimeoutSeconds: command.deliveryTimeoutSeconds,
  };
}

function describeInvocation(command: Command, invocation: Invocation, world: World) {
  const { instance, status, startedAtMs, endedAtMs } = invocation;
  const url = (name: string) => outputUrl(command, instance.id, name, world);
  const elapsedSeconds = ((endedAtMs ?? world.clock.nowMs()) - (startedAtMs ?? world.clock.nowMs())) / 1000;
  return {
    CommandId: command.id,
    InstanceId: instance.id,
    Comment: command.comment,
    DocumentName: 'AWS-RunShellScript',
    DocumentVersion: '$DEFAULT',
    PluginName: 'aws:runShellScript',
    ResponseCode: invocation.responseCode,
    ExecutionStartDateTime: startedAtMs === undefined ? '' : new Date(startedAtMs).toISOString(),
    ExecutionElapsedTime: endedAtMs === undefined ? '' : `PT${elapsedSeconds}S`,
    ExecutionEndDateTime: endedAtMs === undefined ? '' : new Date(endedAtMs).toISOString(),
    Status: status,
    StatusDetails: invocationDetails[status] ?? status,
    // Output is reported when a command ends, not before.
    StandardOutputContent: isOver(invocation) ? cut(invocation.stdout, longestStdout) : '',
    StandardOutputUrl: url('stdout'),
    StandardErrorContent: isOver(invocation) ? cut(invocation.stderr, longestStderr) : '',
    StandardErrorUrl: url('stderr'),
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

function summary(command: Command, invocation: Invocation, details: boolean, world: World) {
  const { instance, status } = invocation;
  const plugin = {
    Name: 'aws:runShellScript',
    Status: status,
    StatusDetails: invocationDetails[status] ?? status,
    ResponseCode: invocation.responseCode,
    ResponseStartDateTime: invocation.startedAtMs === undefined ? undefined : invocation.startedAtMs / 1000,
    ResponseFinishDateTime: invocation.endedAtMs === undefined ? undefined : invocation.endedAtMs / 1000,
    Output: isOver(invocation) ? cut([...invocation.stdout, ...invocation.stderr], longestSummary) : '',
    StandardOutputUrl: outputUrl(command, instance.id, 'stdout', world),
    StandardErrorUrl: outputUrl(command, instance.id, 'stderr', world),
    OutputS3Region: world.region,
    OutputS3BucketName: command.output?.bucket ?? '',
    OutputS3KeyPrefix: command.output?.prefix ?? '',
  };
  return {
    CommandId: command.id,
    InstanceId: instance.id,
    InstanceName: '',
    Comment: command.comment,
    DocumentName: 'AWS-RunShellScript',
    DocumentVersion: '$DEFAULT',
    RequestedDateTime: invocation.requestedAtMs / 1000,
    Status: status,
    StatusDetails: invocationDetails[status] ?? status,
    StandardOutputUrl: plugin.StandardOutputUrl,
    StandardErrorUrl: plugin.StandardErrorUrl,
    CommandPlugins: details ? [plugin] : [],
  };
}

function outputUrl(command: Command, instanceId: string, name: string, { region }: World): string {
  return command.output
    ? `https://s3.${region}.amazonaws.com/${command.output.bucket}/${outputKey(command, instanceId, name)}`
    : '';
}

/** The first characters, with the agent's mark where more followed. */
function cut(chunks: Buffer[], longest: number): string {
  const text = Buffer.concat(chunks).toString();
  return text.length <= longest ? text : text.slice(0, longest - truncated.length) + truncated;
}

function pageAsked({ MaxResults, NextToken }: { MaxResults?: number; NextToken?: string }) {
  return { size: MaxResults, usual: 50, largest: 50, token: NextToken, fault: 'InvalidNextToken' };
}
