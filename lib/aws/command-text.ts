import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../runbook/errors';

/** The text of a script, by its name. */
export type Scripts = (name: string) => string;

/** The scripts of a folder, each read once. */
export function scriptsIn(folder: string): Scripts {
  const texts = new Map<string, string>();
  return (name) => {
    const text = texts.get(name) ?? readFileSync(join(folder, `${name}.sh`), 'utf8');
    texts.set(name, text);
    return text;
  };
}

/**
 * What Run Command is given: a script behind the prelude, with its arguments as they are. The interpreter is
 * named, since Run Command's own is `sh`.
 * @throws UsageError ARGUMENT_UNFIT
 */
export function commandText(scripts: Scripts, script: string, args: string[]): string {
  const unfit = args.find((word) => noWord.test(word));
  if (unfit !== undefined)
    throw new UsageError('ARGUMENT_UNFIT', {
      so: `${script} cannot be given ${JSON.stringify(unfit)}: it holds a character that no command line can hold.`,
      changed: 'Nothing was run on any instance.',
      next: 'Take that character out of where this text comes from, the settings or a name in AWS or in the database.',
    });
  return ['#!/bin/bash', `set -- ${args.map(quoted).join(' ')}`, scripts('prelude'), scripts(script)].join(
    '\n',
  );
}

/** The end of a string to C, and half of a character, of which something else would arrive. */
const noWord = /[\0\p{Surrogate}]/u;

/**
 * A word that bash reads as it is. Systems Manager puts the value of a parameter where a command has its name in double
 * braces, before any shell sees it: no two braces are left side by side.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-param-runcommand.html
 */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`).replaceAll(/\{(?=\{)/g, "{''")}'`;
