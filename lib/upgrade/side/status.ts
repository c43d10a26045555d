import { judgeMove } from '../../moves';
import { type Posture, posture, resolveWords } from '../../posture';
import { accesses, type UpgradeRecord } from '../../record';
import { type Settings, sides } from '../../settings';
import type { Ports } from '../ports';
import { type Difference, differences } from '../stacks/differences';
import {
  everyEnvironment,
  type Observed,
  observeDatabases,
  observeEnvironment,
  observeHosts,
} from './observed';

export interface Status {
  declared: Posture;
  observed: Observed;
  differences: Difference[];
  /** The postures that a deploy may go to next, with the command that does. */
  moves: { posture: string; command: string }[];
}

/**
 * Observes both sides and compares them with the recorded posture. Changes nothing. What does not exist yet or cannot
 * be asked is a difference.
 */
export async function status(ports: Ports): Promise<Status> {
  const record = await ports.record.read();
  const declared = posture(ports.settings, record, resolveWords(record.posture, {}));
  const databases = record.databases.filter(({ id, gone }) => !gone && !record.posture.spent.includes(id));
  const [environments, hosts, found] = await Promise.all([
    Promise.all(
      everyEnvironment(declared.sides).map(([side, environment]) =>
        observeEnvironment(ports, side, environment),
      ),
    ),
    observeHosts(ports),
    observeDatabases(
      ports,
      databases.map(({ id }) => id),
    ),
  ]);
  const observed = { environments, hosts, databases: found };
  return {
    declared,
    observed,
    differences: differences(ports.settings, declared, databases, observed),
    moves: legalMoves(ports.settings, record),
  };
}

function legalMoves(settings: Settings, record: UpgradeRecord): Status['moves'] {
  const from = record.posture;
  return sides.flatMap((live) =>
    accesses.flatMap((access) => {
      const same = live === from.live && access === from.access;
      if (same || judgeMove(settings, record, { live, access, reassert: false }).length > 0) return [];
      return [
        {
          posture: `${live}/${access}`,
          command: `npx cdk deploy --all -c live=${live} -c access=${access}`,
        },
      ];
    }),
  );
}
