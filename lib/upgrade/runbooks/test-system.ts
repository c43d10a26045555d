import type { Step } from '../../runbook/step';
import type { Ports } from '../ports';
import type { UpgradeRunbook } from '../run/upgrade-runbook';
import * as steps from '../steps/test-system';
import { testSystemOf, variablesEvidence } from '../test-system/test-system';

/**
 * The page, Steps for Test, S1 to S6.
 * @param options.fresh another copy, where the test system uses one already
 */
export async function testSystem(ports: Ports, options: { fresh?: boolean } = {}): Promise<UpgradeRunbook> {
  const { environment } = testSystemOf(ports);
  const recorded = await ports.record.readTestSystem();
  const isNew = options.fresh === true && recorded?.inUse === true;
  const run: steps.TestRun = { ports, beyond: isNew ? recorded.generation : 0 };
  const { conversion, sync } = ports.settings;
  const all: Step[] = [
    steps.apart(run),
    steps.version(run), //                          S1
    steps.variables(run), //                        S2
    steps.snapshot(run), //                         S3
    steps.restore(run), //                          S3
    steps.password(run), //                         S3
    steps.sanitise(run), //                         S3
    ...(conversion ? [steps.keepBlocked(run)] : []),
    steps.migrations(run), //                       S4
    ...(conversion ? [steps.convert(run), steps.putBack(run)] : []), // S5
    ...(sync ? [steps.sync(run)] : []), //          S6
    steps.point(run), //                            S3
  ];
  const ids = new Set(all.map(({ id }) => id));
  return {
    name: 'test-system',
    id: 'test-system',
    title: `Give ${environment.name} the latest code and a copy of production's data`,
    steps: all.map((step) => ({ ...step, after: step.after.filter((id) => ids.has(id)) })),
    warnings: [],
    watches: ['test-system'],
    stands: async () => {
      const copy = await ports.record.readTestSystem();
      if (isNew || !copy?.inUse) return false;
      return (await variablesEvidence(ports, copy)).every(({ holds }) => holds);
    },
    ended: `${environment.name} uses its copy`,
  };
}
