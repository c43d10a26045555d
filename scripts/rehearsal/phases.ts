import { previewHost } from '../../lib/names';
import type { Phase } from '../../lib/policies/phase';
import type { Settings } from '../../lib/settings';
import { environmentNames } from '../../lib/upgrade/side/choose-instance';
import { originalDatabase } from './world-before';

/** Whoever plays the phases: with every right, to record which are needed, or with a phase's own. */
export interface Player {
  /** From now on the commands are those of this phase. */
  begin(phase: Phase): void;
  /** Carries out a command as a person types it; resolves to its exit code. */
  run(command: string): Promise<number>;
  /** Lets days go by in which nothing happens. */
  leap(durationMs: number): void;
  pass(durationMs: number): Promise<void>;
}

const dayMs = 24 * 60 * 60_000;
const minuteMs = 60_000;
/** Nobody may have come to the old side for a quarter of an hour. */
const quietMinutes = 16;

async function mustIn(player: Player, phase: Phase, ...commands: string[]): Promise<void> {
  player.begin(phase);
  for (const command of commands) {
    const code = await player.run(command);
    if (code !== 0) throw new Error(`"${command}" ended with exit code ${code} in the phase ${phase}.`);
  }
}

/** In a world that people made by hand: it comes into the tool's care. */
export const playAdoption = (player: Player): Promise<void> =>
  mustIn(player, 'adopt', 'npm run adopt -- --yes', 'npm run adopt -- --seal --yes');

/**
 * Everything an operator does once production is adopted, from the first deploy to the tidy-up, with a night that is given up
 * on the way.
 */
export async function playPhases(player: Player, settings: Settings): Promise<void> {
  const must = (phase: Phase, ...commands: string[]) => mustIn(player, phase, ...commands);
  await must(
    'cutover',
    'npx cdk deploy --all',
    'npm run prep -- --yes',
    'npm run tester-link',
    'npm run message',
  );
  await must('look', 'npm run plan', 'npm run status', 'npm run preflight');
  await must('probe', 'npm run preflight -- --probe');
  if (settings.testSystem) await must('test-system', 'npm run test-system -- --yes');
  await must('cutover', 'npm run cutover -- --yes');
  await must('look', 'npm run status', 'npm run activity');
  await must('cutover', 'npm run failback -- --yes', 'npm run cutover -- --yes');
  player.leap(settings.tidyUp.afterDays * dayMs);
  await player.pass(quietMinutes * minuteMs);
  await must('tidy-up', `npm run tidy-up -- --yes ${confirmed(settings)}`);
  await must('look', 'npm run status');
}

/** The records, the environments and the database that go. */
function confirmed(settings: Settings): string {
  const [paying = ''] = environmentNames(settings, settings.upgrade.from);
  const words = [previewHost(settings, paying), paying, originalDatabase(settings)];
  return words.map((word) => `--confirm ${word}`).join(' ');
}
