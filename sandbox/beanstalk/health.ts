import type { World } from '../world';
import type { Environment } from './environment';
import type { BeanstalkInstance } from './instance';

const processOptions = 'aws:elasticbeanstalk:environment:process:default';
/** Enhanced health looks at about this much of the past. */
const windowMs = 60_000;
/** Fewer answers say nothing. */
const answersThatCount = 10;
const severeShare = 0.1;

export interface HealthReport {
  status: 'Ok' | 'Severe' | 'Pending' | 'NoData' | 'Unknown';
  color: 'Green' | 'Red' | 'Grey';
  causes: string[];
}

/**
 * An environment's health: what its load balancer's checks and the answers to its visitors say.
 * The share of errors from which it is Severe is the sandbox's own.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced.html
 */
export class Health {
  private answers: { atMs: number; status: number }[] = [];
  private readonly checks = new Map<string, { atMs: number; healthy: boolean; pid: number | undefined }>();

  constructor(
    private readonly world: World,
    private readonly environment: Environment,
  ) {}

  note(status: number): void {
    const atMs = this.world.clock.nowMs();
    this.answers = this.answers.filter((answer) => answer.atMs > atMs - windowMs);
    this.answers.push({ atMs, status });
  }

  /** The answers of the last minute by their first digit. */
  answered(): Record<2 | 3 | 4 | 5, number> {
    const sinceMs = this.world.clock.nowMs() - windowMs;
    const counts = { 2: 0, 3: 0, 4: 0, 5: 0 };
    for (const { atMs, status } of this.answers)
      if (atMs > sinceMs) counts[Math.floor(status / 100) as 2 | 3 | 4 | 5]++;
    return counts;
  }

  /** Whether the load balancer counts the instance as a healthy target: the outcome of its last check. */
  async passes(instance: BeanstalkInstance): Promise<boolean> {
    const last = this.checks.get(instance.id);
    const { configuration } = this.environment;
    const intervalMs = configuration.number(processOptions, 'HealthCheckInterval') * 1000;
    const atMs = this.world.clock.nowMs();
    if (last && last.pid === instance.web?.pid && atMs < last.atMs + intervalMs) return last.healthy;
    const pid = instance.web?.pid;
    const healthy = await this.check(instance);
    this.checks.set(instance.id, { atMs, healthy, pid });
    return healthy;
  }

  async report(): Promise<HealthReport> {
    if (this.environment.status === 'Launching') return { status: 'Pending', color: 'Grey', causes: [] };
    if (this.environment.status === 'Terminated') return { status: 'Unknown', color: 'Grey', causes: [] };
    const instances = this.environment.group.serving();
    if (instances.length === 0)
      return { status: 'NoData', color: 'Grey', causes: ['There are no instances.'] };
    const causes = (await Promise.all(instances.map((instance) => this.causesAt(instance)))).flat();
    causes.push(...this.visitorsCauses());
    return causes.length === 0
      ? { status: 'Ok', color: 'Green', causes }
      : { status: 'Severe', color: 'Red', causes };
  }

  async causesAt(instance: BeanstalkInstance): Promise<string[]> {
    const causes: string[] = [];
    if (instance.deployment === 'failed')
      causes.push(
        'Application deployment failed with exit status 1 and error: Engine execution has encountered an error.',
      );
    if (!(await this.passes(instance)))
      causes.push(`Target health check of ${instance.id} fails with another code than was expected.`);
    return causes;
  }

  private visitorsCauses(): string[] {
    if (
      this.environment.configuration.value('aws:elasticbeanstalk:healthreporting:system', 'SystemType') !==
      'enhanced'
    )
      return [];
    const counts = this.answered();
    const all = counts[2] + counts[3] + counts[4] + counts[5];
    if (all < answersThatCount || counts[5] / all < severeShare) return [];
    return [`${((100 * counts[5]) / all).toFixed(1)} % of the requests are failing with HTTP 5xx.`];
  }

  private async check(instance: BeanstalkInstance): Promise<boolean> {
    if (instance.state !== 'running' || !instance.web) return false;
    const { configuration } = this.environment;
    const answer = await this.world.application.serve(instance.web, {
      method: 'GET',
      path: configuration.value(processOptions, 'HealthCheckPath') ?? '/',
      host: instance.privateAddress,
      headers: { host: instance.privateAddress, 'user-agent': 'ELB-HealthChecker/2.0' },
      body: '',
    });
    return matches(configuration.value(processOptions, 'MatcherHTTPCode') ?? '200', answer.status);
  }
}

function matches(codes: string, status: number): boolean {
  return codes.split(',').some((code) => {
    const [from, to = from] = code.split('-').map(Number);
    return from !== undefined && to !== undefined && from <= status && status <= to;
  });
}
