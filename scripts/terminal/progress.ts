import type { Terminal } from './command';

/** Tells a person what is being done. */
export type Say = (text: string) => void;

/** For whoever looks a command up in AWS: an error names it again, and others need not read it. */
export const isCommandId = (text: string) => /: command [0-9a-f-]{36}$/.test(text);

/**
 * Runs work and shows what it says, one line a message; on a terminal with how long it has taken below. Always on stderr,
 * since stdout is for the result.
 */
export async function followed<Result>(
  title: string,
  terminal: Terminal,
  plain: boolean,
  work: (say: Say) => Promise<Result>,
): Promise<Result> {
  const { stderr } = terminal;
  const lines = (text: string) => stderr.write(`${text}\n`);
  if (plain) return work(lines);
  if (!stderr.isTTY) return work((text) => isCommandId(text) || lines(text));
  const { createLogUpdate } = await import('log-update');
  const log = createLogUpdate(stderr as NodeJS.WriteStream);
  const sinceMs = Date.now();
  const draw = () => log(`▸ ${title}, ${Math.round((Date.now() - sinceMs) / 1000)} s`);
  const timer = setInterval(draw, 1_000);
  draw();
  try {
    return await work((text) => {
      if (isCommandId(text)) return;
      log.clear();
      lines(text);
      draw();
    });
  } finally {
    clearInterval(timer);
    log.clear();
    log.done();
  }
}
