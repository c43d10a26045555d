import {
  DescribeEnvironmentResourcesCommand,
  DescribeEnvironmentsCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import {
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { parameterNames, stackNames } from '../names';
import {
  type DatabaseRecord,
  type DoorRecord,
  type PostureRecord,
  parseDatabaseRecord,
  parsePostureRecord,
  parseTestSystemRecord,
  type Recorded,
  type TestSystemRecord,
  type UpgradeRecord,
  understood,
} from '../record';
import { type Clock, wallClock } from '../runbook/clock';
import { PreconditionError, StepFailedError } from '../runbook/errors';
import { type Settings, sides } from '../settings';
import type { RecordStore } from '../upgrade/ports';
import { type Answers, answers } from '../upgrade/probe/answers';
import { Clients } from './clients';
import { stated } from './stated';

/** The standard tier's limit, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const parameterLimitBytes = 4096;

/** Reads the record for a synthesis: the account is checked at the same time, and only three clients are loaded. */
export async function readRecord(settings: Settings): Promise<UpgradeRecord> {
  const clients = new Clients(settings);
  const account = clients.checkAccount();
  const store = new ParameterRecordStore(settings, clients);
  const record = Promise.all([store.read(), store.readDoor()]).then(([read, door]) => ({ ...read, door }));
  // Of two faults the account's is the cause: another account has no record, or somebody else's.
  record.catch(() => {});
  await account;
  return record;
}

/**
 * The record in Parameter Store; the version labels are what the environments say themselves.
 *
 * A write overwrites whatever is there: it takes no version as its condition, and each makes a new version, numbered one
 * higher, that history keeps. So one writer must be kept from another by other means.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
 */
export class ParameterRecordStore implements RecordStore {
  private readonly names;
  private readonly ssm: SSMClient;
  /** The newest version that was seen of each parameter. */
  private readonly seen = new Map<string, number>();
  private readonly beanstalk: ElasticBeanstalkClient;

  constructor(
    private readonly settings: Settings,
    clients: Clients,
    private readonly clock: Clock = wallClock,
  ) {
    this.names = parameterNames(settings);
    this.ssm = clients.make(SSMClient);
    this.beanstalk = clients.make(ElasticBeanstalkClient);
  }

  async read(): Promise<UpgradeRecord> {
    const [recorded, versions] = await Promise.all([this.recorded(), this.readVersions()]);
    return { ...recorded, versions };
  }

  async recorded(): Promise<Recorded> {
    const [posture, databases] = await Promise.all([this.readPosture(), this.readDatabases()]);
    return { posture, databases };
  }

  async readDoor(): Promise<DoorRecord> {
    const [testerToken, loadBalancers] = await Promise.all([this.readTesterToken(), this.loadBalancers()]);
    return {
      loadBalancers,
      ...(testerToken === undefined ? {} : { testerToken }),
    };
  }

  /**
   * Asked for by its name, since what is asked for by path comes "on a best-effort basis". Never older than what this
   * process has seen or written.
   * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
   */
  async readDatabase(id: string): Promise<DatabaseRecord> {
    const name = this.names.database(id);
    return parseDatabaseRecord(await this.untilReadable(name, this.seen.get(name) ?? 1), name);
  }

  async readTestSystem(): Promise<TestSystemRecord | undefined> {
    const Name = this.names.testSystem;
    try {
      const { Parameter } = await this.ssm.send(new GetParameterCommand({ Name }));
      return parseTestSystemRecord(Parameter?.Value, Name);
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  writeTestSystem(record: TestSystemRecord): Promise<void> {
    const name = this.names.testSystem;
    return this.putRecord(name, JSON.stringify(parseTestSystemRecord(record, name)));
  }

  writeDatabase(record: DatabaseRecord): Promise<void> {
    const name = this.names.database(record.id);
    return this.putRecord(name, JSON.stringify(parseDatabaseRecord(record, name)));
  }

  /** Resolves when it can be read: the command that follows reads the record anew. */
  private async putRecord(name: string, text: string): Promise<void> {
    if (Buffer.byteLength(text) > parameterLimitBytes)
      throw new PreconditionError('RECORD_TOO_LONG', {
        so: `The record ${name} would have ${Buffer.byteLength(text)} bytes; a parameter holds ${parameterLimitBytes}.`,
        next: 'Shorten the names of the database, its groups and its snapshot.',
      });
    await this.put(name, text);
  }

  /**
   * When the oldest of the newest versions that say the same was written. At most 100 versions are kept.
   * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
   */
  async unchangedSince(): Promise<Date> {
    const Name = this.names.posture;
    const versions: { at: Date; words: string }[] = [];
    for await (const { Parameters = [] } of paginateGetParameterHistory({ client: this.ssm }, { Name }))
      for (const { Value, LastModifiedDate } of Parameters)
        versions.push({
          at: stated(LastModifiedDate, `LastModifiedDate of ${Name}`),
          words: wordsOf(Value),
        });
    versions.sort((a, b) => b.at.getTime() - a.at.getTime());
    const newest = stated(versions[0], `history of ${Name}`);
    const firstOther = versions.findIndex(({ words }) => words !== newest.words);
    return (firstOther === -1 ? versions.at(-1)! : versions[firstOther - 1]!).at;
  }

  readTesterToken(): Promise<string | undefined> {
    return this.value(this.names.testerToken);
  }

  async writeTesterToken(token: string): Promise<void> {
    await this.put(this.names.testerToken, token);
  }

  async readAnswers(): Promise<Answers | undefined> {
    const text = await this.value(this.names.answers);
    return text === undefined ? undefined : understood(answers, text, this.names.answers);
  }

  async writeAnswers(found: Answers): Promise<void> {
    await this.put(this.names.answers, JSON.stringify(found));
  }

  private async put(name: string, text: string): Promise<void> {
    const { Version = 0 } = await this.ssm.send(
      new PutParameterCommand({ Name: name, Value: text, Type: 'String', Overwrite: true }),
    );
    await this.untilReadable(name, Version);
  }

  /**
   * The value of a parameter, of this version or a later one: reads of Parameter Store are eventually consistent, see the
   * note at `Fn::GetAtt` of
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
   */
  private async untilReadable(Name: string, version: number): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      const { Parameter } = await this.ssm.send(new GetParameterCommand({ Name })).catch((error) => {
        if (error instanceof ParameterNotFound) return { Parameter: undefined };
        throw error;
      });
      if (Parameter?.Version !== undefined && Parameter.Version >= version) {
        this.seen.set(Name, Parameter.Version);
        return Parameter.Value;
      }
      if (attempt === 20)
        throw new StepFailedError('RECORD_NOT_READABLE', {
          so: `The parameter ${Name} is there as version ${version} and is answered as version ${Parameter?.Version ?? 'none'}.`,
          changed: 'What was written stays written.',
          next: 'Run the same command again.',
        });
      await this.clock.sleep(500);
    }
  }

  private async readPosture(): Promise<PostureRecord> {
    const Name = this.names.posture;
    try {
      const { Parameter } = await this.ssm.send(new GetParameterCommand({ Name }));
      return parsePostureRecord(Parameter?.Value, Name);
    } catch (error) {
      if (!(error instanceof ParameterNotFound)) throw error;
      throw new PreconditionError('RECORD_MISSING', {
        so: `There is no posture record: the parameter ${Name} does not exist in ${this.settings.account}, ${this.settings.region}.`,
        next: `Restore the parameter that ${stackNames(this.settings).traffic} made, or name the right settings with --settings FILE.`,
      });
    }
  }

  private async readDatabases(): Promise<DatabaseRecord[]> {
    const records: DatabaseRecord[] = [];
    const pages = paginateGetParametersByPath({ client: this.ssm }, { Path: this.names.databases });
    for await (const { Parameters } of pages)
      for (const { Name, Value } of Parameters ?? []) records.push(parseDatabaseRecord(Value, Name ?? ''));
    return records;
  }

  private async readVersions(): Promise<Record<string, string>> {
    const EnvironmentNames = everyName(this.settings);
    const { Environments } = await this.beanstalk.send(
      new DescribeEnvironmentsCommand({
        ApplicationName: this.settings.application,
        EnvironmentNames,
        IncludeDeleted: false,
      }),
    );
    const alive = (Environments ?? []).filter(({ Status }) => !Status?.startsWith('Terminat'));
    return Object.fromEntries(
      alive.flatMap(({ EnvironmentName, VersionLabel }) =>
        EnvironmentName && VersionLabel ? [[EnvironmentName, VersionLabel]] : [],
      ),
    );
  }

  /** Undefined when there is no such parameter. */
  private async value(Name: string): Promise<string | undefined> {
    try {
      const { Parameter } = await this.ssm.send(new GetParameterCommand({ Name }));
      return Parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  /** The name of an Application Load Balancer is its ARN there; an environment that does not exist has none. */
  private async loadBalancers(): Promise<Record<string, string>> {
    const { Environments = [] } = await this.beanstalk.send(
      new DescribeEnvironmentsCommand({
        ApplicationName: this.settings.application,
        EnvironmentNames: everyName(this.settings),
        IncludeDeleted: false,
      }),
    );
    const alive = Environments.filter(({ Status }) => !Status?.startsWith('Terminat'));
    const found = alive.map(async ({ EnvironmentId, EnvironmentName }) => {
      const { EnvironmentResources } = await this.beanstalk.send(
        new DescribeEnvironmentResourcesCommand({ EnvironmentId: EnvironmentId! }),
      );
      const arn = EnvironmentResources?.LoadBalancers?.[0]?.Name;
      return arn?.startsWith('arn:') ? [[EnvironmentName!, arn]] : [];
    });
    return Object.fromEntries((await Promise.all(found)).flat());
  }
}

function everyName({ sides: ofSides }: Settings): string[] {
  return sides.flatMap((side) => Object.values(ofSides[side].environments).map(({ name }) => name));
}

/** Of an older form of the record too. */
function wordsOf(text: string | undefined): string {
  try {
    const { live, access } = JSON.parse(text ?? '');
    return `${live}/${access}`;
  } catch {
    return 'unreadable';
  }
}
