import type { Terminal } from './command';

/** Tells a person what is being done. */
export type Say = (text: string) => void;

/** For whoever looks a command up in AWS: an error names it again, and others need not read it. */
export const isCommandId = (text: string) => /: command [0-9a-f-]{36}$/.test(text);

/**
 * Runs work and shows what it says: under a spinner on a terminal, otherwise one line a message. Always on stderr,
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
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const output = new ProcessOutput(stderr as NodeJS.WriteStream, stderr as NodeJS.WriteStream);
  let result: Result | undefined;
  const list = new Listr(
    {
      title,
      task: async (_, task) => {
        result = await work((text) => {
          if (!isCommandId(text)) task.output = text;
        });
      },
      rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    },
    {
      forceTTY: true,
      rendererOptions: {
        logger: new ListrLogger({ processOutput: output }),
        showErrorMessage: false,
      },
    },
  );
  await list.run();
  return result as Result;
}
