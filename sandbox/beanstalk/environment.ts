import type { Group } from '../autoscaling/group';
import { AwsError } from '../errors';
import type { World } from '../world';
import type { Configuration } from './configuration';
import type { Health } from './health';

export type Status = 'Launching' | 'Updating' | 'Ready' | 'Terminating' | 'Terminated';
export type Severity = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

export interface Event {
  atMs: number;
  severity: Severity;
  message: string;
  requestId: string;
}

export interface EnvironmentFacts {
  id: string;
  name: string;
  application: string;
  cname: string;
  platformArn: string;
  versionLabel: string;
  description?: string;
  configuration: Configuration;
  tags: Map<string, string>;
  loadBalancer: LoadBalancer;
}

export interface LoadBalancer {
  /** Such as `awseb--AWSEB-1A2B3C`. */
  name: string;
  dnsName: string;
  addresses: string[];
  /** Ends the ARN of the load balancer and of its target group. */
  arnSuffix: string;
}

/** An environment as Elastic Beanstalk knows it. */
export class Environment {
  readonly id: string;
  readonly name: string;
  readonly application: string;
  readonly cname: string;
  loadBalancer: LoadBalancer;
  readonly tags: Map<string, string>;
  readonly createdMs: number;
  readonly events: Event[] = [];
  status: Status = 'Launching';
  configuration: Configuration;
  platformArn: string;
  versionLabel: string;
  description: string | undefined;
  updatedMs: number;
  /** The call whose operation is under way; events carry it. */
  requestId = '';
  group!: Group;
  health!: Health;

  constructor(
    private readonly world: World,
    facts: EnvironmentFacts,
  ) {
    this.id = facts.id;
    this.name = facts.name;
    this.application = facts.application;
    this.cname = facts.cname;
    this.platformArn = facts.platformArn;
    this.versionLabel = facts.versionLabel;
    this.description = facts.description;
    this.configuration = facts.configuration;
    this.tags = facts.tags;
    this.loadBalancer = facts.loadBalancer;
    this.createdMs = this.updatedMs = world.clock.nowMs();
  }

  get arn(): string {
    return `arn:aws:elasticbeanstalk:${this.world.region}:${this.world.account}:environment/${this.application}/${this.name}`;
  }

  get inTransition(): boolean {
    return this.status !== 'Ready' && this.status !== 'Terminated';
  }

  /** Begins a transition, or refuses: one at a time. */
  leaveReady(status: 'Updating' | 'Terminating', requestId: string): void {
    if (this.status !== 'Ready')
      throw new AwsError(
        'InvalidParameterValue',
        `Environment named ${this.name} is in an invalid state for this operation. Must be Ready.`,
      );
    this.status = status;
    this.requestId = requestId;
  }

  settle(status: 'Ready' | 'Terminated'): void {
    this.status = status;
    this.requestId = '';
    this.updatedMs = this.world.clock.nowMs();
  }

  record(severity: Severity, message: string): void {
    this.events.push({ atMs: this.world.clock.nowMs(), severity, message, requestId: this.requestId });
  }
}
