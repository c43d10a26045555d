import { stackNames } from '../../../names';
import { fact, type Step } from '../../../runbook/step';
import { beginForgetting, forgottenEvidence, type Remnant } from '../../retire/forget-side';
import {
  beginDestroying,
  beginGivingUp,
  givenUpEvidence,
  goneEvidence,
  isGoing,
  retiringWords,
} from '../../retire/give-up-stack';
import { described, namesOfOld } from '../../retire/names-of-old';
import { environmentNames } from '../../side/choose-instance';
import { assembledAs, stackBusy } from '../../stacks/deploy';
import { changeSetCalls } from '../deploy-step';
import { condition } from '../night';
import { plainStep } from '../plain-step';
import { allHold, goodbye, mayGo, type TidyUp } from './steps';

/** T2: the environments go with their stack, which is told so first. */
export function giveUpSide(tidyUp: TidyUp): Step {
  const { ports, side } = tidyUp;
  const stack = stackNames(ports.settings).side(side);
  const names = environmentNames(ports.settings, side);
  return plainStep({
    id: 'give-up-side',
    title: `Give up ${names.join(' and ')}`,
    seed: ['T2'],
    after: ['stale-names'],
    minutes: 1,
    calls: [...changeSetCalls, 'cloudformation UpdateTerminationProtection'],
    touches: [side],
    byHand: `npx cdk deploy ${stack} --exclusively -c retire=${side}`,
    preconditions: [mayGo(tidyUp)],
    gate: async () => goodbye(names[0]!, await whatGoes(tidyUp), ['Nothing on their disks is still wanted.']),
    postconditions: [
      condition(`${stack} takes with it what it holds, or is gone`, async () =>
        (await anythingLeft(tidyUp)) ? givenUpEvidence(ports, stack) : gone(tidyUp),
      ),
    ],
    act: async () => {
      const words = await retiringWords(ports, side);
      await beginGivingUp(ports, stack, await assembledAs(ports, words));
      return [];
    },
    underway: () => stackBusy(ports, stack),
    attempts: 2,
  });
}

/** Only this stack: those that were deployed after it are the live side's. */
export function destroySide(tidyUp: TidyUp): Step {
  const { ports, side } = tidyUp;
  const stack = stackNames(ports.settings).side(side);
  return plainStep({
    id: 'destroy-side',
    title: `Take away the environments of ${side}`,
    seed: ['T2'],
    after: ['give-up-side'],
    minutes: 6,
    deadlineMinutes: 60,
    calls: ['cloudformation DeleteStack', 'elasticbeanstalk TerminateEnvironment'],
    touches: [side, `version of ${side}`],
    byHand: `npx cdk destroy ${stack} --exclusively -c retire=${side}`,
    preconditions: [mayGo(tidyUp)],
    postconditions: [condition(`nothing of ${side} is left`, () => gone(tidyUp))],
    act: async () => {
      const words = await retiringWords(ports, side);
      await beginDestroying(ports, stack, await assembledAs(ports, words));
      return [];
    },
    underway: () => isGoing(ports, stack),
    attempts: 2,
  });
}

/**
 * The doors go after the load balancers: until these are gone nobody is let through. The roles go when nothing has them any
 * more.
 */
export function forget(tidyUp: TidyUp, remnant: Remnant): Step {
  const { ports, side } = tidyUp;
  const stack = stackNames(ports.settings)[remnant];
  return plainStep({
    id: `forget-${remnant}`,
    title: `Take away what ${stack} has of ${side}`,
    seed: ['T2'],
    after: ['destroy-side'],
    minutes: 1,
    deadlineMinutes: 30,
    calls: changeSetCalls,
    touches: [remnant],
    byHand: `npx cdk deploy ${stack} --exclusively`,
    postconditions: [condition(`${stack} has nothing of ${side}`, () => forgottenEvidence(ports, remnant))],
    act: async () => {
      await beginForgetting(ports, remnant, side);
      return [];
    },
    underway: () => stackBusy(ports, stack),
    attempts: 2,
  });
}

async function whatGoes({ ports, side }: TidyUp): Promise<string[]> {
  const environments = await Promise.all(
    environmentNames(ports.settings, side).map((name) => ports.environments.state(name)),
  );
  const { previews } = await namesOfOld(ports, side);
  return [
    ...environments.flatMap((found) =>
      found
        ? [
            `The environment ${found.name} (${found.id}, ${found.cname}) is terminated, with ${found.instances.join(' and ') || 'no instance'} and its load balancer.`,
          ]
        : [],
    ),
    ...previews.map((record) => `The record ${described(record)} is deleted.`),
    `The stack ${stackNames(ports.settings).side(side)}, and what other stacks have of ${side}, go with them.`,
  ];
}

async function anythingLeft(tidyUp: TidyUp): Promise<boolean> {
  return !allHold(await gone(tidyUp));
}

async function gone({ ports, side }: TidyUp) {
  const environment = async (name: string) => [
    fact(`the environment ${name}`, (await ports.environments.state(name))?.status ?? 'gone', 'gone'),
  ];
  const evidence = await Promise.all([
    goneEvidence(ports, stackNames(ports.settings).side(side)),
    ...environmentNames(ports.settings, side).map(environment),
  ]);
  return evidence.flat();
}
