import { readFileSync } from 'node:fs';
import { type Phase, phases } from '../../lib/policies/phase';
import { filesOf } from '../../lib/policies/policies';
import type { Calls } from '../../lib/policies/policy';
import { callsFile, policyFiles } from '../../scripts/policies';
import { type Player, playAdoption, playPhases } from '../../scripts/rehearsal/phases';
import { callOf, withOwnRoles } from '../../scripts/rehearsal/recorded-calls';
import { originalDatabase } from '../../scripts/rehearsal/world-before';
import { openByHand } from '../support/hand-made';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { documented } from '../support/upgrade';

jest.setTimeout(1_800_000);

/** The toolkit's last look at events may come after its deploy has ended, and belongs to the phase before. */
const trailing = 'cloudformation:DescribeStackEvents';

describe('an operator who has the policies of each phase and nothing else', () => {
  const made = new Map<Phase, Set<string>>(phases.map((phase) => [phase, new Set()]));
  const denied: string[] = [];

  async function playedOn(stage: Stage, play: (player: Player) => Promise<void>): Promise<void> {
    const { callers, world } = stage.sandbox;
    const texts = new Map(policyFiles(stage.settings, originalDatabase(stage.settings)));
    try {
      await play({
        begin: (phase) => {
          const documents = filesOf[phase].map((name) => texts.get(`${name}.json`)!);
          callers.attach(process.env.AWS_ACCESS_KEY_ID!, documents);
          callers.onRight = (_key, right, isAllowed) => {
            if (phase === 'look' && callOf(right) === trailing) return;
            made.get(phase)!.add(callOf(right));
            if (!isAllowed) denied.push(`${phase}: ${callOf(right)} on ${right.resource}`);
          };
        },
        run: async (command) => {
          const { code, said } = await inProcess(stage, command);
          expect([command, code, code === 0 ? '' : said, code === 0 ? [] : denied]).toEqual([
            command,
            0,
            '',
            [],
          ]);
          return code;
        },
        leap: (durationMs) => world.clock.leap(durationMs),
        pass: (durationMs) => world.clock.skip(durationMs),
      });
      expect(denied).toEqual([]);
    } finally {
      await stage.close();
    }
  }

  test('adopts what people made', async () => {
    await playedOn(await openByHand({ actors: false }, withOwnRoles(documented)), playAdoption);
  });

  test('prepares, looks, probes, makes the test system, cuts over, fails back, cuts over again and tidies up', async () => {
    const stage = await Stage.open(documented, { actors: false, durations: quick });
    await playedOn(stage, (player) => playPhases(player, documented));
  });

  test.each([...phases])('needs in %s each call that was recorded, and no other', (phase) => {
    const recorded: Calls = JSON.parse(readFileSync(callsFile, 'utf8'));
    expect([...made.get(phase)!].sort()).toEqual(recorded[phase]);
  });
});
