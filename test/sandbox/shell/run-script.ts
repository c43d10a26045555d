import type { Shell } from '../../../sandbox/shell/shell';
import type { Instance, World } from '../../../sandbox/world';

/** Runs a script to its end, playing all time that it waits for. */
export async function runScript(world: World, shell: Shell, instance: Instance, script: string) {
  let stdout = '';
  let stderr = '';
  let over = false;
  const done = world.clock
    .run('script', async () => {
      const running = await shell.run({
        instance,
        script,
        onStdout: (data) => {
          stdout += data;
        },
        onStderr: (data) => {
          stderr += data;
        },
      });
      return running.exitCode;
    })
    .finally(() => {
      over = true;
    });
  while (!over) await world.clock.skipUntil(() => over);
  return { code: await done, stdout, stderr };
}
