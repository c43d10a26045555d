import type { WebRequest, WebResponse, World } from '../world';
import type { Environment } from './environment';
import type { Inventory } from './inventory';

/** The load balancers of all environments, and the nginx behind them. */
export class LoadBalancing {
  private turn = 0;

  constructor(
    private readonly world: World,
    private readonly inventory: Inventory,
    /** nginx closes the connection for any host name without this part. */
    private readonly hostNamePart: string,
  ) {}

  /** By the load balancer's name or the environment's CNAME. */
  addressesOf(name: string): string[] {
    const asked = name.toLowerCase().replace(/\.$/, '');
    const found = this.alive().find(
      (each) => each.loadBalancer.dnsName.toLowerCase() === asked || each.cname === asked,
    );
    return found?.loadBalancer.addresses ?? [];
  }

  environmentAt(address: string): Environment | undefined {
    return this.alive().find((each) => each.loadBalancer.addresses.includes(address));
  }

  /** The ARNs of all there are. */
  arns(): string[] {
    return this.alive().map((each) => loadBalancerArn(this.world, each));
  }

  /**
   * What the door refuses reaches no instance, and so does not count for the environment's health. Otherwise
   * healthy targets take turns; if none is healthy, all targets do.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
   */
  async serve(address: string, request: WebRequest): Promise<WebResponse | undefined> {
    const environment = this.environmentAt(address);
    if (!environment) return undefined;
    const refusal = this.world.door.refusal(loadBalancerArn(this.world, environment), request);
    if (refusal) return refusal;
    const answer = await this.pass(environment, request);
    if (answer) environment.health.note(answer.status);
    return answer;
  }

  private alive(): Environment[] {
    return this.inventory.environments.filter((each) => each.status !== 'Terminated');
  }

  private async pass(environment: Environment, request: WebRequest): Promise<WebResponse | undefined> {
    const attached = environment.group.members.filter((member) => member.inLoadBalancer);
    const instances = attached
      .map((member) => member.instance)
      .filter((instance) => instance.state === 'running');
    if (instances.length === 0) return plain(503, 'Service Temporarily Unavailable');
    const passing = await Promise.all(instances.map((instance) => environment.health.passes(instance)));
    const healthy = instances.filter((_, index) => passing[index]);
    const targets = healthy.length > 0 ? healthy : instances;
    const target = targets[this.turn++ % targets.length];
    if (!request.host.includes(this.hostNamePart)) return undefined;
    if (!target?.web) return plain(502, 'Bad Gateway');
    return this.world.application.serve(target.web, request);
  }
}

function plain(status: number, text: string): WebResponse {
  const body = `<html><head><title>${status} ${text}</title></head><body><h1>${status} ${text}</h1></body></html>`;
  return { status, headers: { server: 'awselb/2.0', 'content-type': 'text/html' }, body };
}

export function loadBalancerArn(world: World, environment: Environment): string {
  const { name, arnSuffix } = environment.loadBalancer;
  return `arn:aws:elasticloadbalancing:${world.region}:${world.account}:loadbalancer/app/${name}/${arnSuffix}`;
}

export function targetGroupArn(world: World, environment: Environment): string {
  const { arnSuffix } = environment.loadBalancer;
  return `arn:aws:elasticloadbalancing:${world.region}:${world.account}:targetgroup/${targetGroupName(environment)}/${arnSuffix}`;
}

export const targetGroupName = (environment: Environment) =>
  environment.loadBalancer.name.replace('awseb--AWSEB', 'awseb-AWSEB');
