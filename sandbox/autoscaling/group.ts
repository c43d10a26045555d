import type { BeanstalkInstance } from '../beanstalk/instance';
import type { World } from '../world';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
export const scalingProcesses = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;
export type ScalingProcess = (typeof scalingProcesses)[number];

export interface Member {
  instance: BeanstalkInstance;
  lifecycle: 'Pending' | 'InService';
  health: 'Healthy' | 'Unhealthy';
  /** False when it joined while AddToLoadBalancer was suspended. */
  inLoadBalancer: boolean;
}

export interface Activity {
  id: string;
  atMs: number;
  description: string;
  cause: string;
}

/** What a group asks of its owner. */
export interface Fleet {
  make: () => BeanstalkInstance;
  /** Runs once the machine is up: what its owner deploys on it. */
  ready: (instance: BeanstalkInstance) => Promise<void>;
}

/** An Auto Scaling group: keeps as many machines as desired, unless it may not launch. */
export class Group {
  readonly suspended = new Set<ScalingProcess>();
  readonly activities: Activity[] = [];
  members: Member[] = [];
  private booting = 0;

  constructor(
    private readonly world: World,
    readonly name: string,
    readonly environment: string,
    public min: number,
    public max: number,
    public desired: number,
    private readonly fleet: Fleet,
  ) {}

  /** As many machines as desired, all up, and nothing more under way on them. */
  get settled(): boolean {
    return this.booting === 0 && this.members.length === this.desired && this.members.every(serving);
  }

  /** Whether something will happen by time alone. */
  get busy(): boolean {
    return this.booting > 0 || this.members.some((member) => member.lifecycle === 'Pending');
  }

  /** The machines that are up. */
  serving(): BeanstalkInstance[] {
    return this.members.filter(serving).map((member) => member.instance);
  }

  resize(sizes: { min?: number; max?: number; desired?: number }): void {
    this.min = sizes.min ?? this.min;
    this.max = sizes.max ?? this.max;
    this.desired = Math.min(this.max, Math.max(this.min, sizes.desired ?? this.desired));
    this.reconcile('a change of the desired capacity');
  }

  /** Takes a machine that is already up. */
  adopt(instance: BeanstalkInstance): void {
    this.members.push({ instance, lifecycle: 'InService', health: 'Healthy', inLoadBalancer: true });
  }

  /** Launches what is missing and terminates what is too much, as far as the group may. */
  reconcile(cause: string): void {
    if (!this.suspended.has('HealthCheck'))
      for (const member of this.members)
        if (member.instance.state === 'terminated') member.health = 'Unhealthy';
    if (!this.suspended.has('ReplaceUnhealthy'))
      this.members = this.members.filter((member) => member.health === 'Healthy');
    if (!this.suspended.has('Launch')) while (this.members.length < this.desired) this.launch(cause);
    if (!this.suspended.has('Terminate'))
      while (this.members.length > this.desired) this.terminate(this.oldest(), cause);
  }

  /** Terminates a machine and forgets it; whether another comes is up to `reconcile`. */
  terminate(instance: BeanstalkInstance, cause: string): void {
    this.members = this.members.filter((member) => member.instance !== instance);
    if (instance.state === 'terminated') return;
    instance.terminate();
    this.note(`Terminating EC2 instance: ${instance.id}`, cause);
    this.world.happened('instance.terminated', { environment: this.environment, instance: instance.id });
  }

  /** Ends the group with its machines. */
  close(): void {
    this.desired = this.min = this.max = 0;
    for (const { instance } of [...this.members]) this.terminate(instance, 'the deletion of the group');
  }

  private launch(cause: string): void {
    const instance = this.fleet.make();
    const inLoadBalancer = !this.suspended.has('AddToLoadBalancer');
    const member: Member = { instance, lifecycle: 'Pending', health: 'Healthy', inLoadBalancer };
    this.members.push(member);
    this.note(`Launching a new EC2 instance: ${instance.id}`, cause);
    this.booting++;
    const { clock } = this.world;
    clock.at(clock.nowMs(), `launch of ${instance.id}`, async () => {
      try {
        await clock.sleep(this.world.durations.instanceLaunchMs);
        if (instance.state !== 'pending') return;
        instance.state = 'running';
        member.lifecycle = 'InService';
        this.world.happened('instance.launched', { environment: this.environment, instance: instance.id });
        await this.fleet.ready(instance);
      } finally {
        this.booting--;
      }
    });
  }

  private oldest(): BeanstalkInstance {
    const [first] = [...this.members].sort((a, b) => a.instance.launchedAtMs - b.instance.launchedAtMs);
    if (!first) throw new Error(`The group ${this.name} has no machine to terminate.`);
    return first.instance;
  }

  private note(description: string, cause: string): void {
    const id = `${this.name}-${this.activities.length + 1}`;
    this.activities.push({ id, atMs: this.world.clock.nowMs(), description, cause });
  }
}

const serving = (member: Member) => member.lifecycle === 'InService' && member.instance.state === 'running';
