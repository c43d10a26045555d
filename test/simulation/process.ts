import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { CloudFormationChangeSets } from '../../lib/aws/change-sets';
import { Clients } from '../../lib/aws/clients';
import { generalFault } from '../../lib/aws/faults';
import { awsPorts } from '../../lib/aws/ports';
import type { Clock } from '../../lib/runbook/clock';
import type { Settings } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { deploymentsOver } from './deployments';
import { SimulatedVisitor, type Visit } from './outside';
import type { Command } from './transport';
import type { SimulatedWorld } from './world/world';

/** What a call meets on its way; it may never come back. */
export type Carry = (command: Command, maxAttempts: number) => Promise<unknown>;

/** What stands between a process and the world. */
export interface Wires {
  carry: Carry;
  visit: Visit;
}

/** Never settles: what a process that is gone waits for. A new one each time, for one that lasts would hold on to all who wait. */
export const never = (): Promise<never> => new Promise(() => {});

/** A process of the tool's: when it is ended, nothing that it was doing goes on. */
export class SimulatedProcess {
  private ended = false;
  /** Resolves when it is ended. */
  readonly end: Promise<'ended'>;
  private tellEnd!: (how: 'ended') => void;
  /** Resolves when its machine falls asleep, for others see nothing of it then. */
  readonly sleep: Promise<'ended'>;
  private tellSleep!: (how: 'ended') => void;
  private asleepUntilMs = 0;
  /** How far its clock is ahead of the world's. */
  aheadMs = 0;

  constructor(
    private readonly world: SimulatedWorld,
    readonly pid: number,
  ) {
    this.end = new Promise((resolve) => {
      this.tellEnd = resolve;
    });
    this.sleep = new Promise((resolve) => {
      this.tellSleep = resolve;
    });
  }

  get alive(): boolean {
    return !this.ended;
  }

  kill(): void {
    this.ended = true;
    this.tellEnd('ended');
  }

  fallAsleep(durationMs: number): void {
    this.asleepUntilMs = this.world.clock.nowMs() + durationMs;
    this.tellSleep('ended');
  }

  /** Nothing of it goes on while its machine sleeps. */
  async awake(): Promise<void> {
    const { clock } = this.world;
    if (clock.nowMs() < this.asleepUntilMs) await clock.sleep(this.asleepUntilMs - clock.nowMs());
  }

  /** An answer reaches nobody who is not there any more. */
  private async asked<T>(question: () => Promise<T>): Promise<T> {
    await this.awake();
    if (this.ended) return never();
    try {
      return await question();
    } finally {
      await this.awake();
      if (this.ended) await never();
    }
  }

  /** The world as this process sees it. */
  async ports(
    settings: Settings,
    { carry, visit }: Wires,
    say: (text: string) => void = () => {},
  ): Promise<Ports> {
    const clock = this.clock();
    const clients = clientsOver(settings, clock, (command, maxAttempts) =>
      this.asked(() => carry(command, maxAttempts)),
    );
    const ports = await awsPorts(settings, say, clock, undefined, clients);
    const cloudFormation = clients.make(CloudFormationClient);
    const unprotect = (StackName: string) =>
      cloudFormation.send(
        new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
      );
    return {
      ...ports,
      deployments: deploymentsOver(
        new CloudFormationChangeSets(clients, clock, settings),
        ports.stacks,
        unprotect,
      ),
      outside: new SimulatedVisitor(this.world.world, (question, answer) =>
        this.asked(() => visit(question, answer)),
      ),
      // Nothing is signed here.
      credentials: { end: async () => undefined },
    };
  }

  /** The world's time, as long as the process lives. */
  private clock(): Clock {
    const { clock } = this.world.world;
    let secrets = 0;
    return {
      now: () => new Date(clock.nowMs() + this.aheadMs),
      sleep: (durationMs, cut) =>
        new Promise((wake) => {
          const awake = () => {
            if (!this.ended) wake();
          };
          const forget = clock.at(clock.nowMs() + durationMs, 'sleep', awake);
          cut?.then(() => {
            forget();
            awake();
          });
        }),
      working: (work) => work(),
      asking: (question) => question(),
      workedMs: () => 0,
      // As long as a real one, the same in every simulation of one plan, and no other process's.
      secret: () => `secret${String(this.pid * 1_000 + ++secrets).padStart(26, '0')}`,
    };
  }
}

/** The library's clients without what stands between a command and the wire: no socket, no signature, no retries of its own. */
function clientsOver(settings: Settings, clock: Clock, carry: Carry): Clients {
  class SimulatedClients extends Clients {
    override make<T>(
      Client: new (options: never) => T,
      { maxAttempts = 6, isGuarded = true }: { maxAttempts?: number; isGuarded?: boolean } = {},
    ): T {
      // The library's own paginators ask whether it is one.
      return Object.assign(Object.create(Client.prototype), {
        config: {},
        send: async (command: Command) => {
          try {
            if (isGuarded) await this.checkGuard();
            return await carry(command, maxAttempts);
          } catch (error) {
            throw generalFault(error, command.constructor.name.replace(/Command$/, ''));
          }
        },
      });
    }
  }
  return new SimulatedClients(settings, clock);
}
