import { stackNames } from '../../../names';
import { resolveWords } from '../../../posture';
import type { Step } from '../../../runbook/step';
import type { Ports } from '../../ports';
import { nightWindow } from '../../preflight/night-window';
import { requirePreflight } from '../../preflight/preflight';
import { prepareStack, stackEvidence } from '../../stacks/deploy';
import { deployUntil } from '../../stacks/deploy-until';
import { isComplete } from '../../stacks/stack-status';
import { hangDoors } from '../before';
import { deployStep, stackOf } from '../deploy-step';
import { condition, type Night, wordsOf } from '../night';

/** The bucket in which the lock and the journal of the run itself are kept: it must be there before there is a run. */
export async function buildOperations(ports: Ports): Promise<void> {
  const { operations } = stackNames(ports.settings);
  const found = await ports.stacks.find(operations);
  // Whoever was cut off may have left a stack that was never made.
  if (found && isComplete(found.status)) return;
  const words = resolveWords((await ports.record.recorded()).posture, {});
  await deployUntil(ports, operations, words, { mayMake: true });
}

/** What must hold before anything is built; later it would cost an hour to find out. */
const mayBuild = ({ ports }: Night) =>
  condition('the new side can be built', async () => {
    const needed = ['posture', 'secrets', 'cnames', 'versions', 'preparation-database', 'quotas'];
    await requirePreflight(ports, nightWindow(ports), needed);
    return [];
  });

/** P3: no role is ever there without its Deny. */
export const buildFence = (night: Night): Step =>
  building(
    night,
    'fence',
    deployStep(night, {
      id: 'build-fence',
      title: `Make the roles of ${night.to}, which may read no payment keys`,
      seed: ['P3'],
      after: [],
      minutes: 0.5,
      phase: 'open',
      towards: 'open',
      part: 'fence',
      preconditions: [mayBuild(night)],
    }),
  );

/** P1, P2: both environments of the new side on the database for preparation, in maintenance, without payment keys. */
export const buildSide = (night: Night): Step =>
  building(
    night,
    night.to,
    deployStep(night, {
      id: 'build',
      title: `Build ${night.to} on the database for preparation, fenced`,
      seed: ['P1', 'P2', 'P3'],
      after: ['build-fence'],
      minutes: 9,
      phase: 'open',
      towards: 'open',
      part: night.to,
      preconditions: [mayBuild(night)],
    }),
  );

/** A load balancer can have its door once it is there. */
export const buildDoors = (night: Night): Step => ({
  ...building(night, 'door', hangDoors(night)),
  after: ['build', 'tester-link'],
});

/** The same deploy, of a stack of which something or all is not there yet. */
function building(night: Night, part: Parameters<typeof stackOf>[1], step: Step): Step {
  const { ports } = night;
  const stack = stackOf(night, part);
  const words = wordsOf(night, 'open');
  return {
    ...step,
    touches: part === night.to ? [part, `version of ${part}`] : [part],
    act: async () => {
      const isDeployed = (await stackEvidence(ports, stack, words)).every(({ holds }) => holds);
      if (isDeployed) return step.act!();
      await prepareStack(ports, stack, words, { mayMake: true });
      return [];
    },
  };
}
