import path from 'node:path';
import { status } from '../../lib/upgrade/side/status';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

test('a night whose migration fails goes back by itself, for nothing that people did is lost', async () => {
  const commands = { ...cobalt.commands, migrate: ['migrate', '--no-such-option'] };
  const stage = await Stage.open({ ...cobalt, commands }, { actors: true, durations: quick });
  try {
    await stage.deploy();
    const report = path.join(path.dirname(stage.settingsFile), 'report.json');
    const cutover = `npm run cutover -- --yes --failback-on failure --report ${report}`;
    const { code, said } = await inProcess(stage, cutover);
    expect(said).toContain('It goes back by itself: nothing that people did would be lost');
    expect(said).toContain('blue is open again.');
    // The night is not done: whoever reads the exit code must know.
    expect(code).toBe(4);
    expect((await stage.record()).posture).toMatchObject({ live: 'blue', access: 'open' });
    expect((await stage.visit('myabf.com.au'))?.status).toBe(200);
    expect((await status(await stage.ports())).differences).toEqual([]);
    await stage.sandbox.judge.settle();
    expect(stage.sandbox.judge.verdict()).toMatchObject({ broken: [], missing: [] });

    const again = await inProcess(stage, 'npm run failback -- --yes');
    expect([again.code, again.said]).toEqual([0, again.said]);
    expect(again.said).toContain('Fail back from green to blue: done already. blue is open again since');
  } finally {
    await stage.close();
  }
});
