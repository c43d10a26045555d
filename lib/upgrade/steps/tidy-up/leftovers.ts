import type { Step } from '../../../runbook/step';
import { leftovers } from '../../retire/leftovers';
import { condition } from '../night';
import { plainStep } from '../plain-step';
import type { TidyUp } from './steps';

/** What is left to people. */
export const listLeftovers = ({ ports, side }: TidyUp, after: string[]): Step =>
  plainStep({
    id: 'leftovers',
    title: `List other places that name ${side}`,
    seed: ['T1', 'T2', 'T3'],
    after,
    minutes: 1,
    byHand: 'docs/tidy-up.md has the list',
    postconditions: [condition('they are told', () => leftovers(ports, side))],
  });
