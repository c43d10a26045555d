import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeConfigurationSettingsCommand,
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetCommandInvocationCommand, paginateListCommands, SSMClient } from '@aws-sdk/client-ssm';

/** What AWS and this machine keep of a run, as texts by where they are: all that somebody may read who knows no secret. */
export type Texts = Record<string, string>;

/** Everything that Run Command keeps: what was sent, and what came back. */
export async function commandsKept(): Promise<Texts> {
  const ssm = new SSMClient({});
  const found: Texts = {};
  for await (const { Commands } of paginateListCommands({ client: ssm }, {}))
    for (const command of Commands!) {
      const { CommandId, InstanceIds } = command;
      const invocations = InstanceIds!.map((InstanceId) =>
        ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId })),
      );
      found[`command ${CommandId}`] = JSON.stringify([command, await Promise.all(invocations)]);
    }
  return found;
}

/** Every object of every bucket: journal, lock, reports, activity, outputs of commands, the toolkit's assets. */
export async function objectsKept(): Promise<Texts> {
  const s3 = new S3Client({ forcePathStyle: true });
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  const found: Texts = {};
  for (const { Name: Bucket } of Buckets!)
    for (const Key of await keysOf(s3, Bucket!)) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found[`object ${Bucket}/${Key}`] = await Body!.transformToString();
    }
  return found;
}

async function keysOf(s3: S3Client, Bucket: string): Promise<string[]> {
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return keys;
}

/** Templates, parameters, outputs and events of the stacks. */
export async function stacksKept(): Promise<Texts> {
  const cloudFormation = new CloudFormationClient({});
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({}));
  const texts = Stacks!.map(async (stack) => {
    const { StackName } = stack;
    const parts = await Promise.all([
      cloudFormation.send(new GetTemplateCommand({ StackName })),
      cloudFormation.send(new DescribeStackEventsCommand({ StackName })),
    ]);
    return [`stack ${StackName}`, JSON.stringify([stack, ...parts])];
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** Options and events of the environments. */
export async function environmentsKept(): Promise<Texts> {
  const beanstalk = new ElasticBeanstalkClient({});
  const { Environments } = await beanstalk.send(new DescribeEnvironmentsCommand({}));
  const texts = Environments!.map(async (environment) => {
    const { ApplicationName, EnvironmentName } = environment;
    const parts = await Promise.all([
      beanstalk.send(new DescribeConfigurationSettingsCommand({ ApplicationName, EnvironmentName })),
      beanstalk.send(new DescribeEventsCommand({ EnvironmentName })),
    ]);
    return [`environment ${EnvironmentName}`, JSON.stringify([environment, ...parts])];
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** Every file below a folder of this machine. */
export function filesKept(folder: string): Texts {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [`file ${path.relative(folder, file)}`, readFileSync(file, 'latin1')];
    }),
  );
}
