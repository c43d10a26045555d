import {
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  RollbackStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { stackNames } from '../../lib/names';
import { resolveWords } from '../../lib/posture';
import type { Message } from '../../lib/runbook/messages';
import { otherSide } from '../../lib/settings';
import type { Stack } from '../../sandbox/cloudformation/stack';
import type { Carry } from './process';
import type { Simulation } from './simulation';
import type { Command } from './transport';

/** A rollback that somebody else began. */
export interface Rollback {
  stack: string;
  atMs: number;
}

const lookEveryMs = 1_000;
const laterMs = 25 * 60_000;
/** An act that began while it was looked whether anything had changed. */
const graceMs = 60_000;

/** A failure is taken back, which gives a side that was to lose its old variables again. */
export function rollingBack({ schema, input }: Command): void {
  if ((schema as string[])[2] === 'ExecuteChangeSet') input.DisableRollback = false;
}

const ofStack = 'AWS::CloudFormation::Stack';
const isBack = ({ status }: Stack) => status === 'UPDATE_ROLLBACK_IN_PROGRESS';

/** Before anybody who asks now and then sees it: the tool tries at once again what failed. */
function settled({ events }: Stack): Promise<void> {
  const push = events.push.bind(events);
  return new Promise((resolve) => {
    events.push = (...added) => {
      if (added.some(({ type, status }) => type === ofStack && !status.endsWith('_IN_PROGRESS'))) {
        events.push = push;
        resolve();
      }
      return push(...added);
    };
  });
}

/** What other people have CloudFormation roll back. The tool has it roll back nothing. */
export class Rollbacks {
  readonly begun: Rollback[] = [];

  constructor(
    private readonly simulation: Simulation,
    /** Told of what goes on after this returns. */
    private readonly goesOn: (work: Promise<unknown>) => void,
  ) {}

  /** The next resource fails, and somebody who sees that has its stack rolled back; or it fails to be, and they try again later. */
  ofNextFailure(then: 'is rolled back' | 'fails' | 'goes on later'): void {
    const { world } = this.simulation;
    world.failNext(undefined, (stack) =>
      this.goesOn(
        this.rollBack(stack, then !== 'is rolled back').then(() =>
          then === 'goes on later' ? this.goOnLater(stack) : undefined,
        ),
      ),
    );
  }

  private async rollBack(stack: Stack, fails: boolean): Promise<void> {
    await settled(stack);
    if (stack.status !== 'UPDATE_FAILED' && stack.status !== 'CREATE_FAILED') return;
    if (fails) this.failBack(stack);
    this.note(stack);
    await this.simulation.carry(new RollbackStackCommand({ StackName: stack.name }) as unknown as Command, 1);
  }

  /** Whoever does not know that its side has lost meanwhile. */
  private async goOnLater(stack: Stack): Promise<void> {
    await this.simulation.world.clock.sleep(laterMs);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') return;
    this.note(stack);
    await continueRollback(this.simulation, stack.name);
  }

  /** `cdk deploy --all -c reassert=yes` of a checkout without the project's cdk.json: what fails of it is rolled back. */
  async ofDeploy(fails: boolean): Promise<void> {
    const { settings, world } = this.simulation;
    world.failNext(
      ({ status, disableRollback }) => status === 'UPDATE_IN_PROGRESS' && !disableRollback,
      (stack) => {
        this.note(stack);
        if (fails) this.failBack(stack);
      },
    );
    const carry: Carry = (command, maxAttempts) => {
      rollingBack(command);
      return this.simulation.carry(command, maxAttempts);
    };
    const ports = await this.simulation.ports(this.simulation.process(), { carry });
    const record = await ports.record.read();
    const { live } = record.posture;
    const names = stackNames(settings);
    const stacks = [names.door, names.fence, names.side(otherSide(live)), names.side(live), names.traffic];
    const words = resolveWords(record.posture, { reassert: true });
    await this.simulation.deployAll(ports, stacks, { record, words }).catch(() => {});
  }

  private failBack(stack: Stack): void {
    this.simulation.world.failNext((each) => each === stack && isBack(each));
  }

  private note({ name }: Stack): void {
    this.begun.push({ stack: name, atMs: this.simulation.world.clock.nowMs() });
  }
}

/** What a person types who is told to: `aws cloudformation continue-update-rollback`, and waits. */
export async function continueRollback({ world, carry }: Simulation, stack: string): Promise<void> {
  await carry(new ContinueUpdateRollbackCommand({ StackName: stack }) as unknown as Command, 1);
  while (isBack(world.cloudFormation.stacks.get(stack))) await world.clock.sleep(lookEveryMs);
}

/** `aws cloudformation update-termination-protection ... && aws cloudformation delete-stack`, and waits. */
export async function deleteStack({ world, carry }: Simulation, stack: string): Promise<void> {
  const protection = { StackName: stack, EnableTerminationProtection: false };
  await carry(new UpdateTerminationProtectionCommand(protection) as unknown as Command, 1);
  await carry(new DeleteStackCommand({ StackName: stack }) as unknown as Command, 1);
  while (world.cloudFormation.stacks.find(stack)) await world.clock.sleep(lookEveryMs);
}

/** Something that a person could read. */
export interface Told {
  atMs: number;
  text: string;
  code?: Message['code'] | undefined;
}

/** A side that has its old variables again is nothing to go on beside in silence: once another act begins, it was named. */
export function unnamed(begun: Rollback[], told: Told[]): string[] {
  return begun.flatMap(({ stack, atMs }) => {
    const later = told.filter((each) => each.atMs >= atMs);
    const isNamed = later.some(({ text }) => text.includes(stack) && /roll(ed )?back/i.test(text));
    const goesOn = later.some((each) => each.code === 'STEP_STARTED' && each.atMs > atMs + graceMs);
    return isNamed || !goesOn ? [] : [`a rollback by somebody else is named: that of ${stack} was not`];
  });
}
