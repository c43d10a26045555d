import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StackSelectionStrategy, Toolkit } from '@aws-cdk/toolkit-lib';
import { stringify } from 'yaml';
import { buildApp } from '../../lib/app';
import { awsPorts } from '../../lib/aws/ports';
import { readRecord } from '../../lib/aws/record';
import { resolveWords, type Words } from '../../lib/posture';
import type { UpgradeRecord } from '../../lib/record';
import type { Clock } from '../../lib/runbook/clock';
import type { Settings } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import type { DataSize } from '../../sandbox/application/production';
import { endpointOf } from '../../sandbox/rds/state';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/start';
import type { WebRequest, WebResponse } from '../../sandbox/world';
import { worldBefore } from '../../scripts/rehearsal/world-before';
import { clockFromVariables } from '../../scripts/terminal/told-clock';
import { withVariables } from './aws';
import { cobalt } from './upgrade';

/** Enough of every kind of row, and quick to load. */
const smallSize: DataSize = {
  users: 400,
  unregistered: 150,
  blockedEmails: 20,
  entries: 40,
  payments: 40,
  queuedEmails: 6,
  sessions: 20,
  duePayments: 2,
};

/** The command line's settings, so that a stage deploys as it does, and its templates are the same to the letter. */
const {
  rollback: rollsBack,
  pathMetadata,
  assetMetadata,
  versionReporting,
  validation,
} = JSON.parse(readFileSync('cdk.json', 'utf8'));
const synthOptions = { pathMetadata, assetMetadata, versionReporting, validation };

type Given = { live?: Words['live']; access?: Words['access']; reassert?: boolean };
type Template = { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };

/**
 * A sandbox in this process with the world before the upgrade in it, the real toolkit to deploy with, and the verbs'
 * ports. Nobody acts on it by themselves.
 */
export class Stage {
  /** What the verbs said of their progress. */
  readonly said: string[] = [];

  private constructor(
    readonly settings: Settings,
    readonly sandbox: Sandbox,
    private readonly toolkit: Toolkit,
    /** What the toolkit warned of, and the errors it gave, oldest first. */
    readonly warned: string[],
    /** Its settings as a file, for scripts and the command line. */
    readonly settingsFile: string,
    private readonly outdir: string,
    private readonly clock: Clock,
    private readonly restore: () => void,
  ) {}

  static async open(settings: Settings = cobalt, options: Partial<SandboxOptions> = {}): Promise<Stage> {
    const accessKeyId = `AKIATEST${process.pid}${Date.now()}`;
    const outdir = mkdtempSync(path.join(tmpdir(), 'stage-'));
    const validation = withVariables({ CDK_VALIDATION: 'false' });
    const sandbox = await startSandbox({
      plan: worldBefore(settings, (id) => endpointOf(settings.account, settings.region, id)),
      accessKeyId,
      size: smallSize,
      actors: false,
      onFault: (what, error) => {
        throw new Error(`The sandbox failed at ${what}`, { cause: error });
      },
      ...options,
    });
    const restore = withVariables({
      AWS_ENDPOINT_URL: sandbox.origin,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_REGION: settings.region,
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_HOME: outdir,
      // Two command lines must not synthesise into one directory.
      CDK_OUTPUT: path.join(outdir, 'cdk.out'),
      UPGRADE_DNS: sandbox.dns,
      UPGRADE_HTTP_PROXY: sandbox.proxy,
      UPGRADE_CLOCK: sandbox.clock,
    });
    const warned: string[] = [];
    const ioHost = {
      notify: async ({ level, message }: { level: string; message: string }) => {
        if (level === 'warn' || level === 'error') warned.push(message);
      },
      requestResponse: async <T>(message: { defaultResponse: T }) => message.defaultResponse,
    };
    const settingsFile = path.join(outdir, 'settings.yaml');
    writeFileSync(settingsFile, stringify(settings));
    const toolkit = new Toolkit({ ioHost, color: false });
    const clock = await clockFromVariables();
    return new Stage(settings, sandbox, toolkit, warned, settingsFile, outdir, clock, () => {
      restore();
      validation();
    });
  }

  record(): Promise<UpgradeRecord> {
    return readRecord(this.settings);
  }

  ports(): Promise<Ports> {
    return awsPorts(this.settings, (text) => this.said.push(text), this.clock);
  }

  /** What `cdk deploy` does with these words; without stacks, all of them. `change` alters templates before. */
  async deploy(
    given: Given = {},
    {
      stacks,
      settings = this.settings,
      record,
      change,
      rollback = rollsBack as boolean,
    }: {
      stacks?: string[];
      settings?: Settings;
      record?: UpgradeRecord;
      change?: (app: ReturnType<typeof buildApp>) => void;
      rollback?: boolean;
    } = {},
  ): Promise<void> {
    const known = record ?? (await this.record());
    const source = await this.toolkit.fromAssemblyBuilder(
      async ({ outdir }) => {
        const app = buildApp(
          { settings, record: known, words: resolveWords(known.posture, given) },
          { autoSynth: false, ...(outdir ? { outdir } : {}) },
        );
        change?.(app);
        return app.synth();
      },
      { outdir: mkdtempSync(path.join(this.outdir, 'out-')), synthOptions },
    );
    await this.toolkit.deploy(source, {
      stacks: stacks
        ? { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH, patterns: stacks }
        : { strategy: StackSelectionStrategy.ALL_STACKS },
      rollback,
      // The default of 5 seconds is real time, whenever the first look finds work under way.
      stackEventPollingInterval: 50,
    });
  }

  /** The template that was deployed last. */
  template(stack: string): Template {
    return this.sandbox.cloudFormation.stacks.get(stack).desired!.template as unknown as Template;
  }

  /** What a visitor of this host gets; a fresh look-up each time. */
  async visit(host: string, request: Partial<WebRequest> = {}): Promise<WebResponse | undefined> {
    const address = this.addressOf(host);
    return address ? this.ask(address, host, request) : undefined;
  }

  /** Where a name points now, as a browser may remember it. */
  addressOf(host: string): string | undefined {
    return this.sandbox.world.zones.resolve(host, 'A').find(({ type }) => type === 'A')?.value;
  }

  /** What a visitor gets who asks this address for the host, whatever the names say. */
  ask(address: string, host: string, request: Partial<WebRequest> = {}): Promise<WebResponse | undefined> {
    const whole = { method: 'GET', path: '/', host, headers: {}, body: '', ...request };
    return this.sandbox.beanstalk.beanstalk.serve(address, whole);
  }

  /** Asks a database past all its rules, from outside. */
  // biome-ignore lint/suspicious/noExplicitAny: rows of any shape.
  async query<Row = any>(database: string, text: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.sandbox.rds.openAsSuperuser(database);
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** The environment of each running web process, by the name of its Elastic Beanstalk environment. */
  processes(environment: string): Record<string, string>[] {
    return this.sandbox.world.beanstalk
      .instances()
      .filter((instance) => instance.environment === environment && instance.state === 'running')
      .flatMap((instance) => (instance.web ? [instance.web.environ] : []));
  }

  happenings(kind: string) {
    return this.sandbox.world.happenings.filter((happening) => happening.kind === kind);
  }

  async close(): Promise<void> {
    this.restore();
    await this.sandbox.stop();
    rmSync(this.outdir, { recursive: true, force: true });
  }
}
