import { expectedMinutes, plan } from '../../runbook/plan';
import type { Ports } from '../ports';
import { cutover } from '../runbooks/cutover';
import type { Window } from './check';

/** The page's own allowance (U14): how long people test is not known. */
const testingMinutes = 60;

/** As long as the night's plan, and people's testing. */
export function nightWindow(ports: Ports, from: Date = ports.clock.now()): Window {
  return { from, minutes: Math.ceil(expectedMinutes(plan(cutover(ports)))) + testingMinutes };
}
