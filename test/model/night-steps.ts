import { doorName, stackNames } from '../../lib/names';
import { posture, resolveWords, type Words } from '../../lib/posture';
import type { UpgradeRecord } from '../../lib/record';
import { countingFor } from '../../lib/runbook/counting';
import type { Entry } from '../../lib/runbook/entry';
import { plan } from '../../lib/runbook/plan';
import { doneSteps } from '../../lib/runbook/standing';
import type { Step } from '../../lib/runbook/step';
import { type Settings, sides } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { failback } from '../../lib/upgrade/runbooks/failback';
import type { Part } from '../../lib/upgrade/steps/deploy-step';
import { needed } from '../support/needed';
import { at, readied, sixPostures } from '../support/upgrade';
import type { NightState } from './night-world';

/** What the code's own steps do, asked of them once: the model's steps are made of the answers. */

export interface NightStep {
  id: string;
  /** All the steps that it needs of those that the model has. */
  needs: string[];
  /** The recorded postures, such as `blue/frozen`, in which the step itself says that it is past. */
  pastIn: string[];
  /** The same, once every door is where the recorded posture wants it. */
  pastWithDoorsIn: string[];
  /** Which stack its act deploys, towards which words at which recorded posture. */
  deploys: { part: Part; words: Record<string, Words> } | undefined;
  /** Whether it proves that no tester is let in either. */
  provesTesters: boolean;
  /** Whether it begins only when the door of the new side is closed. */
  wantsNewDoorClosed: boolean;
  /** Whether it begins only when nothing of the new side runs by itself. */
  wantsNewSideStill: boolean;
  /** Whether it begins only when no process of the old side holds payment keys. */
  wantsNoOldKeys: boolean;
}

/** A world of which a step may ask where the record and the doors stand; its deploy ends when it is told what it deploys. */
class Asked {
  deployed: { stack: string; words: Words } | undefined;
  record!: UpgradeRecord;
  /** Whether every door is as the record declares it; otherwise all are closed. */
  isAsRecorded = false;

  constructor(readonly settings: Settings) {}

  private door(environment: string) {
    const { settings, record } = this;
    const declared = posture(settings, record, resolveWords(record.posture, {}));
    const all = sides.flatMap((side) => Object.values(declared.sides[side].environments));
    const wanted = this.isAsRecorded ? all.find(({ name }) => name === environment)!.door : 'closed';
    return {
      name: doorName(environment),
      lets: wanted === 'open',
      rules: wanted === 'testers' ? ['testers'] : [],
    };
  }

  get ports(): Ports {
    const { settings } = this;
    const of = (name: string) => ({
      name,
      loadBalancers: [name],
      instances: ['i'],
      autoScalingGroup: '',
      options: {},
    });
    return {
      settings,
      record: {
        read: async () => this.record,
        recorded: async () => this.record,
        readDoor: async () => ({ loadBalancers: {} }),
      },
      stacks: { find: async () => undefined },
      environments: { state: async (name: string) => of(name) },
      doors: { before: async (environment: string) => this.door(environment) },
      deployments: {
        prepare: async () => {
          throw new Error('It is known what would be deployed.');
        },
      },
      progress: (text: string) => {
        const [, stack, live, access] = /^(\w+): preparing its change to (\w+)\/(\w+)$/.exec(text) ?? [];
        if (stack) this.deployed = { stack, words: { live, access, reassert: false } as Words };
      },
    } as unknown as Ports;
  }
}

export async function nightSteps(settings: Settings, has: (id: string) => boolean) {
  const asked = new Asked(settings);
  const learned = async (steps: Step[]) => {
    const ordered = plan({ name: 'night', steps }).map(({ step }) => step);
    const known = ordered.filter((step) => has(step.id) || changes(step));
    const told: NightStep[] = [];
    for (const step of known) {
      const needs = [...needed(steps, step.id)].filter((id) => known.some((each) => each.id === id));
      told.push({ needs, ...(await answersOf(asked, step)) });
    }
    return told;
  };
  const steps = { cutover: cutover(asked.ports).steps, failback: failback(asked.ports).steps };
  return {
    cutover: await learned(steps.cutover),
    failback: await learned(steps.failback),
    stillDone: ({ runbook, done }: NightState) => stillDone(steps[runbook], done),
  };
}

/** What the engine takes for done of these when a change of somebody else was confirmed after them. */
function stillDone(steps: Step[], done: string[]): string[] {
  const lines = done.map((step) => ({ event: 'step-done', step }));
  const entries = [...lines, { event: 'change-confirmed' }] as Entry[];
  const counts = (step: Step) => doneSteps(countingFor(step, steps, entries)).has(step.id);
  return steps.filter(counts).map(({ id }) => id);
}

/** What changes a stack must be in the model, whatever it is called. */
const changes = ({ id, calls }: Step) =>
  !leftOut.has(id) && calls.some((call) => call === 'cloudformation ExecuteChangeSet');

/** A first door hangs before the night; a look only mends what somebody changed by hand, which nobody does here. */
const leftOut = new Set(['doors', 'look', 'look-again']);

async function answersOf(asked: Asked, step: Step): Promise<Omit<NightStep, 'needs'>> {
  const pastIn: string[] = [];
  const pastWithDoorsIn: string[] = [];
  const words: Record<string, Words> = {};
  let stack: string | undefined;
  for (const { live, access } of sixPostures(asked.settings)) {
    asked.record = at(asked.settings, { live, access }, readied);
    for (const [isAsRecorded, past] of [[false, pastIn] as const, [true, pastWithDoorsIn] as const]) {
      asked.isAsRecorded = isAsRecorded;
      if (await step.past?.().catch(() => undefined)) past.push(`${live}/${access}`);
    }
    asked.isAsRecorded = false;
    asked.deployed = undefined;
    await step.act?.().catch(() => {});
    if (!asked.deployed) continue;
    stack = (asked.deployed as { stack: string }).stack;
    words[`${live}/${access}`] = (asked.deployed as { words: Words }).words;
  }
  return {
    id: step.id,
    pastIn,
    pastWithDoorsIn,
    deploys:
      stack === undefined || !changes(step) ? undefined : { part: partOf(asked.settings, stack), words },
    provesTesters: step.postconditions.some(({ sentence }) => /refuses a tester/.test(sentence)),
    wantsNewDoorClosed: step.preconditions.some(({ sentence }) =>
      /^the door of .* is closed$/.test(sentence),
    ),
    wantsNewSideStill: step.preconditions.some(({ sentence }) => /runs by itself$/.test(sentence)),
    wantsNoOldKeys: step.preconditions.some(({ sentence }) => /holds payment keys$/.test(sentence)),
  };
}

function partOf(settings: Settings, stack: string): Part {
  const names = stackNames(settings);
  const side = sides.find((each) => names.side(each) === stack);
  if (side) return side;
  return stack === names.door ? 'door' : stack === names.fence ? 'fence' : 'traffic';
}
