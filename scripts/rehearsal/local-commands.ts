import { spawn } from 'node:child_process';
import type { LocalCommands } from '../../lib/upgrade/ports';

/** The end of an output, which says what became of it; a program that talks without end must not fill the memory. */
const longestOutput = 100_000;
/** As a shell gives them, and the program `timeout`. */
const exitCodes = { timedOut: 124, notStarted: 127, killed: 128 };

/** Runs programs on this machine, without a shell. What goes wrong is told by an exit code and the output's end. */
export const localCommands: LocalCommands = {
  run: ([program = '', ...args], timeoutSeconds) =>
    new Promise((resolve) => {
      let output = '';
      let timedOut = false;
      const add = (text: string) => {
        output = `${output}${text}`.slice(-longestOutput);
      };
      // In a process group of its own, so that it can be ended with all that it started.
      const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      const streams = [child.stdout, child.stderr];
      for (const stream of streams) stream.setEncoding('utf8').on('data', add);
      const timer = setTimeout(() => {
        timedOut = true;
        endGroup(child.pid);
        for (const stream of streams) stream.destroy();
      }, timeoutSeconds * 1000);
      child.on('error', (error) => {
        clearTimeout(timer);
        resolve({ exitCode: exitCodes.notStarted, output: `${output}\n${error.message}` });
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        if (timedOut) add(`\nIt was ended after ${timeoutSeconds} seconds.`);
        resolve({ exitCode: timedOut ? exitCodes.timedOut : (code ?? exitCodes.killed), output });
      });
    }),
};

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // All of it has ended by itself; something that left the group holds its streams.
  }
}
