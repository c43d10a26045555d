import path from 'node:path';
import { endpointOf } from '../../sandbox/rds/state';
import type { Say } from '../../scripts/progress';
import { worldByHand } from '../../scripts/world-by-hand';
import { inProcess } from '../support/night';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';
import { type End, endOf } from './end-of-run';
import { type Moment, type Played, play } from './killed-run';
import { Calls, twoProcesses } from './two-processes';

/** One world each, with its own people, who act in it. */

const minuteMs = 60_000;
const yes = '-- --yes';
const cutover = `npm run cutover ${yes}`;
const failback = `npm run failback ${yes}`;
const testSystem = `npm run test-system ${yes}`;
const adopt = `npm run adopt ${yes}`;

/** Runbooks that are compared with themselves, left alone; and those whose end is judged by itself. */
export const compared = [cutover, failback];
export const others = [testSystem, adopt];

export interface Ended extends Played {
  end: End;
}

async function inWorld<T>(
  options: Parameters<typeof Stage.open>[1],
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await Stage.open(cobalt, { actors: true, ...options });
  try {
    return await play(stage);
  } finally {
    await stage.close();
  }
}
