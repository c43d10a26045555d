import { cname, doorName, parameterArn, parameterNames } from '../../lib/names';
import { type DoorPosition, type EnvironmentPosture, posture, resolveWords } from '../../lib/posture';
import type { DoorRecord, UpgradeRecord } from '../../lib/record';
import { PreconditionError } from '../../lib/runbook/errors';
import { type Settings, type Side, sides } from '../../lib/settings';
import type { Door } from '../../lib/upgrade/door-ports';
import type { CommandResult, Database, Environment, NameRecord, Ports } from '../../lib/upgrade/ports';
import { observationArguments } from '../../lib/upgrade/side/observation';
import type { PlannedChange, Stack } from '../../lib/upgrade/stack-ports';
import { playedClock } from './clock';
import { fakeDeployments } from './fake-deployments';
import { source } from './upgrade';

/** An instance as a verb sees it: what its cron does, and what its web processes were started with. */
export interface FakeInstance {
  reachable: boolean;
  cron: { running: boolean; enabled: boolean };
  commands: number;
  processes: { pid: number; environ: Record<string, string> }[];
}

/** What a script answers on an instance; what is left out is an empty output and exit code 0. */
export type FakeScript = (instance: string, args: string[]) => Partial<CommandResult>;

/** A world in memory, where everything is as the record declares it. Tests change it and look at it. */
export class FakeWorld {
  readonly said: string[] = [];
  /** Every change that was asked for, in order. */
  readonly changes: string[] = [];
  readonly databases = new Map<string, Database>();
  readonly environments = new Map<string, Environment>();
  readonly instances = new Map<string, FakeInstance>();
  readonly suspended = new Map<string, string[]>();
  /** Groups whose sizes are zero. */
  readonly emptied = new Set<string>();
  readonly scripts = new Map<string, FakeScript>();
  readonly stacks = new Map<string, Stack & { template: unknown; changedAt: Date }>();
  /** What the next change set would do; until a test says so, it is read off the two templates. */
  planned: PlannedChange[] | undefined;
  /** By stack, the template of the change set that waits. */
  readonly prepared = new Map<string, unknown>();
  /** By the load balancer's ARN. */
  readonly doors = new Map<string, Door>();
  testerToken: string | undefined;
  names: NameRecord[] = [];
  nowMs = Date.parse('2026-11-23T11:00:00Z');
  private readonly due: { atMs: number; act: () => void }[] = [];

  constructor(
    readonly settings: Settings,
    public record: UpgradeRecord,
  ) {
    const declared = posture(settings, record, resolveWords(record.posture, {}));
    for (const side of sides)
      for (const environment of Object.values(declared.sides[side].environments))
        this.build(side, environment);
    for (const { id, endpoint } of record.databases)
      this.databases.set(id, {
        id,
        status: 'available',
        endpoint,
        attributes: { ...source, instance: id },
      });
    this.names = Object.entries(declared.hosts).map(([name, { side, role }]) => ({
      name,
      type: 'A',
      target: cname(settings, side, role),
      alias: true,
    }));
    this.scripts.set('observe', (instance) => ({ stdout: this.observation(instance) }));
    this.scripts.set('stop-jobs', (instance) => this.cron(instance, false));
    this.scripts.set('start-jobs', (instance) => this.cron(instance, true));
  }

  /** Lets something happen once this much time has been slept away. */
  after(durationMs: number, act: () => void): void {
    this.due.push({ atMs: this.nowMs + durationMs, act });
  }

  sleep(durationMs: number): void {
    this.nowMs += durationMs;
    for (const each of this.due.filter(({ atMs }) => atMs <= this.nowMs)) {
      this.due.splice(this.due.indexOf(each), 1);
      each.act();
    }
  }

  /** Sets the number of an environment's instances, as its group would; new ones have the variables of the first. */
  resize(name: string, count: number): void {
    const environment = this.environments.get(name)!;
    const first = this.instances.get(environment.instances[0] ?? '');
    environment.instances = Array.from({ length: count }, (_, index) => `i-${name}-${index + 1}`);
    for (const id of environment.instances)
      if (!this.instances.has(id) && first) this.instances.set(id, structuredClone(first));
  }

  /** Gives an environment's processes what is set, as a deployment and a restart do. */
  obey(name: string): void {
    const { options, instances } = this.environments.get(name)!;
    const notSet = parameterArn(this.settings, parameterNames(this.settings).notSet);
    const within = (namespace: string) =>
      Object.entries(options).flatMap(([key, value]) =>
        key.startsWith(`${namespace}:`) ? [[key.slice(namespace.length + 1), value] as const] : [],
      );
    const secrets = within(`${variables}secrets`).map(([key, arn]) => [
      key,
      arn === notSet ? 'not-set' : 'sk_live',
    ]);
    const environ = { ...Object.fromEntries(secrets), ...Object.fromEntries(within(variables)) };
    for (const id of instances)
      for (const process of this.instances.get(id)?.processes ?? []) process.environ = { ...environ };
  }

  /** A stack that was deployed. */
  stack(name: string, template: unknown, status = 'UPDATE_COMPLETE'): void {
    const changedAt = new Date(this.nowMs);
    this.stacks.set(name, { name, status, statusReason: undefined, template, changedAt });
  }

  /** What the doors are made of. */
  get doorRecord(): DoorRecord {
    const arns = [...this.environments.values()].map(({ name, loadBalancers }) => [name, loadBalancers[0]!]);
    return {
      loadBalancers: Object.fromEntries(arns),
      ...(this.testerToken === undefined ? {} : { testerToken: this.testerToken }),
    };
  }

  /** Puts a door before an environment. */
  hang(name: string, position: DoorPosition): void {
    this.doors.set(this.environments.get(name)!.loadBalancers[0]!, {
      name: doorName(name),
      lets: position === 'open',
      rules: position === 'testers' ? ['testers'] : [],
    });
  }

  private build(side: Side, declared: EnvironmentPosture): void {
    const { settings } = this;
    const { name, role } = declared;
    const option = (namespace: string, values: Record<string, string>) =>
      Object.entries(values).map(([key, value]) => [`${namespace}:${key}`, value]);
    const references = Object.fromEntries(
      Object.entries(declared.secrets).map(([key, parameter]) => [key, parameterArn(settings, parameter)]),
    );
    const asg = { MinSize: String(declared.size.min), MaxSize: String(declared.size.max) };
    const group = `awseb-${name}`;
    this.environments.set(name, {
      name,
      id: `e-${name}`,
      status: 'Ready',
      health: 'Ok',
      cname: cname(settings, side, role),
      versionLabel: settings.environment.versionLabel,
      platformArn: settings.environment.platformArn,
      autoScalingGroup: group,
      loadBalancers: [`arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/${name}/1`],
      instances: [],
      options: Object.fromEntries([
        ...option('aws:elasticbeanstalk:application:environment', declared.variables),
        ...option('aws:elasticbeanstalk:application:environmentsecrets', references),
        ...option('aws:autoscaling:asg', asg),
      ]),
    });
    this.hang(name, declared.door);
    this.suspended.set(group, declared.jobs ? [] : ['Launch', 'ReplaceUnhealthy']);
    const payments = settings.variables.payments.map((each) => [
      each,
      declared.armed ? 'sk_live' : 'not-set',
    ]);
    const environ = { ...declared.variables, ...Object.fromEntries(payments) };
    this.instances.set(`i-${name}-1`, {
      reachable: true,
      cron: { running: declared.jobs, enabled: declared.jobs },
      commands: 0,
      processes: [2101, 2102, 2103].map((pid) => ({ pid, environ: { ...environ } })),
    });
    this.environments.get(name)!.instances = [`i-${name}-1`];
    this.resize(name, declared.size.min);
  }

  private cron(id: string, running: boolean): Partial<CommandResult> {
    this.changes.push(`${running ? 'start' : 'stop'} cron on ${id}`);
    this.instances.get(id)!.cron = { running, enabled: running };
    return {};
  }

  /** As lib/on-instance/observe.sh prints it. */
  private observation(id: string): string {
    const { cron, commands, processes } = this.instances.get(id)!;
    const [, ...asked] = observationArguments(this.settings);
    const pairs = asked.flatMap((kind, index) =>
      index % 2 === 0 ? [[kind, asked[index + 1]!] as const] : [],
    );
    const told = (environ: Record<string, string>, kind: string, name: string) => {
      const value = environ[name];
      if (kind === 'variable') return value === undefined ? [] : [`${name}=${value}`];
      if (kind === 'forbidden') return [`forbidden ${name} ${value === undefined ? 'absent' : 'present'}`];
      return [`payment ${name} ${value === undefined ? 'absent' : value === 'not-set' ? value : 'armed'}`];
    };
    return [
      `crond ${cron.running ? 'running' : 'stopped'} ${cron.enabled ? 'enabled' : 'disabled'}`,
      `commands ${commands}`,
      ...processes.flatMap(({ pid, environ }) => [
        `process ${pid}`,
        ...pairs.flatMap(([kind, name]) => told(environ, kind, name)),
      ]),
    ].join('\n');
  }

  run(instance: string, script: string, args: string[]): CommandResult {
    if (!this.instances.get(instance)?.reachable)
      throw new PreconditionError('INSTANCE_UNREACHABLE', {
        so: `Run Command cannot reach the instance ${instance} to run ${script}.`,
        next: 'See whether it runs.',
      });
    const act = this.scripts.get(script) ?? (() => ({}));
    return { commandId: `command-of-${script}`, exitCode: 0, stdout: '', stderr: '', ...act(instance, args) };
  }
}

const variables = 'aws:elasticbeanstalk:application:environment';

/** Ports onto a world in memory. */
export function fakePorts(world: FakeWorld): Ports {
  const { settings, changes } = world;
  return {
    settings,
    clock: playedClock(
      () => new Date(world.nowMs),
      async (durationMs) => world.sleep(durationMs),
    ),
    progress: (text) => world.said.push(text),
    guardCalls: () => {},
    databases: { ...notPlayed, find: async (id) => world.databases.get(id) },
    environments: fakeEnvironments(world),
    scalingGroups: fakeGroups(world),
    instances: {
      run: async (instance, script, args) => world.run(instance, script, args),
      start: notPlayed.find,
      ended: notPlayed.find,
      terminate: async (instance) => {
        changes.push(`terminate ${instance}`);
        world.instances.delete(instance);
        for (const each of world.environments.values())
          each.instances = each.instances.filter((id) => id !== instance);
      },
    },
    stacks: {
      ...notPlayed,
      find: async (name) => structuredClone(world.stacks.get(name)),
      all: async () =>
        [...world.stacks.values()].map(({ name, status, changedAt }) => ({ name, status, changedAt })),
      events: async () => [],
      template: async (name) => structuredClone(world.stacks.get(name)?.template),
    },
    deployments: fakeDeployments(world),
    objects: notPlayed,
    people: { channels: () => [], subscribers: notPlayed.find },
    localCommands: { run: notPlayed.find },
    record: {
      ...notPlayed,
      read: async () => structuredClone(world.record),
      recorded: async () => structuredClone(world.record),
      readDoor: async () => world.doorRecord,
      readTesterToken: async () => world.doorRecord.testerToken,
    },
    secrets: notPlayed,
    names: {
      zones: notPlayed.find,
      removeExactly: notPlayed.find,
      address: notPlayed.find,
      records: async () => structuredClone(world.names),
      shorten: notPlayed.find,
      point: async (_, name, target) => {
        changes.push(`point ${name} at ${target.name} in ${target.zoneId}`);
        const others = world.names.filter((each) => each.name !== name);
        world.names = [...others, { name, type: 'A', target: target.name, alias: true }];
      },
    },
    outside: notPlayed,
    doors: { before: async (arn) => world.doors.get(arn), refused: notPlayed.find },
    ...nothingAhead,
    ...nothingAdopted,
  };
}

function fakeEnvironments(world: FakeWorld): Ports['environments'] {
  const { environments, changes } = world;
  return {
    find: async (name) => structuredClone(environments.get(name)),
    state: async (name) => structuredClone(environments.get(name)),
    health: refuse,
    settingsOf: async (names) => structuredClone(names.flatMap((name) => environments.get(name) ?? [])),
    update: async (name, options, removals = []) => {
      const set = options.map((each) => `${each.name}=${each.value}`);
      const removed = removals.map((each) => `-${each.name}`);
      changes.push(`update ${name}: ${[...set, ...removed].join(' ')}`);
      const found = environments.get(name)!;
      for (const { namespace, name: option, value } of options)
        found.options[`${namespace}:${option}`] = value;
      for (const { namespace, name: option } of removals) delete found.options[`${namespace}:${option}`];
      world.obey(name);
    },
    deployVersion: refuse,
    restart: async (name) => {
      changes.push(`restart ${name}`);
      world.obey(name);
    },
  };
}

function fakeGroups(world: FakeWorld): Ports['scalingGroups'] {
  const { suspended, emptied, environments, instances, changes } = world;
  const ofGroup = (group: string) =>
    [...environments.values()].find(({ autoScalingGroup }) => autoScalingGroup === group)!;
  return {
    suspended: async (group) => [...(suspended.get(group) ?? [])],
    suspend: async (group, processes) => {
      changes.push(`suspend ${processes.join(' ')} of ${group}`);
      suspended.set(group, [...new Set([...(suspended.get(group) ?? []), ...processes])]);
    },
    resume: async (group, processes) => {
      changes.push(`resume ${processes.join(' ')} of ${group}`);
      const left = (suspended.get(group) ?? []).filter((each) => !processes.includes(each));
      suspended.set(group, left);
    },
    instances: async (group) => [...ofGroup(group).instances],
    sizes: async (group) => (emptied.has(group) ? { min: 0, max: 0 } : { min: 1, max: 2 }),
    resize: async (group, { min, max }) => {
      changes.push(`resize ${group} to ${min} to ${max}`);
      emptied.delete(group);
    },
    empty: async (group) => {
      changes.push(`empty ${group}`);
      emptied.add(group);
      for (const id of ofGroup(group).instances.splice(0)) instances.delete(id);
    },
  };
}

const refuse = () => Promise.reject(new Error('This world does not play that.'));

/** What only a look ahead asks. */
export const nothingAhead: Pick<Ports, 'credentials' | 'catalogue' | 'quotas' | 'certificates' | 'buckets'> =
  {
    credentials: { end: refuse },
    catalogue: { platform: refuse, versions: refuse, isFree: refuse },
    quotas: { ofDatabases: refuse },
    certificates: { find: refuse },
    buckets: { exists: refuse },
  };

/** What only adoption asks. */
export const nothingAdopted: Pick<Ports, 'changeSets' | 'roles'> = {
  changeSets: { prepare: refuse, execute: refuse, discard: refuse, removeStack: refuse, protect: refuse },
  roles: { ofProfile: refuse, policies: refuse },
};

/** What the verbs that look and scale never ask. */
const notPlayed = {
  snapshotsOf: refuse,
  describe: refuse,
  unchangedSince: refuse,
  writeTesterToken: refuse,
  readTestSystem: refuse,
  writeTestSystem: refuse,
  startRestore: refuse,
  findSnapshot: refuse,
  startSnapshot: refuse,
  find: refuse,
  create: refuse,
  setPolicy: refuse,
  policy: refuse,
  failures: refuse,
  readDatabase: refuse,
  writeDatabase: refuse,
  readAnswers: refuse,
  writeAnswers: refuse,
  exists: refuse,
  resolve: refuse,
  ask: refuse,
  read: refuse,
  list: refuse,
  write: refuse,
};
