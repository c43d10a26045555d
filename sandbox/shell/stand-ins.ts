import type { World } from '../world';
import { psql } from './psql/psql';
import type { BriefStandIn, StandIn } from './stand-in';
import { aws } from './stand-ins/aws';
import { df } from './stand-ins/df';
import { flock } from './stand-ins/flock';
import { getConfig } from './stand-ins/get-config';
import { kill } from './stand-ins/kill';
import { managePy, python, type RealPython } from './stand-ins/python';
import { systemctl } from './stand-ins/systemctl';
import { date, sleep, timeout } from './stand-ins/time';

export type { RealPython };

/** The commands that the sandbox answers at once, by the name they are called by. */
export function briefStandIns(world: World): Record<string, BriefStandIn> {
  return { aws: aws(world), df, systemctl };
}

/** Every other command that the sandbox answers itself. */
export function standIns(world: World, realPython: RealPython | undefined): Record<string, StandIn> {
  return {
    date: date(world),
    flock: flock(world),
    'get-config': getConfig(world),
    kill,
    'manage.py': managePy(world, realPython),
    psql: psql(world),
    python: python(world, realPython),
    sleep: sleep(world),
    timeout: timeout(world),
  };
}
