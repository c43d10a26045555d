import type { Condition, Evidence, Gate } from '../../../runbook/step';
import type { Side } from '../../../settings';
import type { Ports } from '../../ports';
import { mayRetire } from '../../retire/may-retire';
import { condition } from '../night';

/** What the steps of a tidy-up share: the world, and the side that goes. */
export interface TidyUp {
  ports: Ports;
  side: Side;
}

/** Looked at before each act: a failback may have been made since, or people may have come back. */
export const mayGo = ({ ports, side }: TidyUp): Condition =>
  condition(`${side} may be taken away`, () => mayRetire(ports, side));

/** What a person confirms by the name of what goes. */
export const goodbye = (word: string, will: string[], check: string[]): Gate => ({ word, will, check });

export const allHold = (evidence: Evidence[]) => evidence.every(({ holds }) => holds);
