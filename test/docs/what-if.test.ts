import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runScript, type Script } from '../../scripts/terminal/command';
import { callFaults, syncFaults, worldFaults } from '../simulation/faults';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const text = readFileSync('docs/what-if.md', 'utf8');
const sections = new Map(
  text.split(/^(?=#{2,3} )/m).map((section) => {
    const [heading = ''] = section.split('\n');
    return [anchorOf(heading), section] as const;
  }),
);
const rows = (heading: string) =>
  sections
    .get(heading)!
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (you see|fault) \|/.test(line));

function anchorOf(heading: string): string {
  const words = heading.replace(/^#+ /, '').toLowerCase();
  return words.replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-');
}

/** All source that may end a command with an error. */
const source = ['lib', 'scripts', 'bin']
  .flatMap((folder) => filesIn(folder))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => path.join(folder, file));
}

const kinds: string[] = [...callFaults, ...worldFaults, ...syncFaults];

test('every fault that is simulated has its place, and no other is named', () => {
  const named = rows('every-failure-that-is-played').flatMap((row) => codesIn(row.split('|')[1]!, /[a-z-]+/));
  expect(named.sort()).toEqual([...kinds].sort());
});

/** What stands in backticks and begins so. */
function codesIn(words: string, beginning: RegExp): string[] {
  return [...words.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => beginning.exec(code)?.[0] ?? []);
}

test('whatever is seen leads to a section, as do all links', () => {
  for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
    const [file = '', anchor] = target.split('#');
    if (file !== '') expect([target, existsSync(path.join('docs', file))]).toEqual([target, true]);
    else expect([target, sections.has(anchor!)]).toEqual([target, true]);
  }
  const leading = rows('what-you-see').filter((row) => row.includes(']('));
  expect(leading).toHaveLength(rows('what-you-see').length - 1);
});

test('every error that is named is one that the tool can end with', () => {
  const inTable = rows('what-you-see').flatMap((row) => codesIn(row.split('|')[1]!, /[A-Z]+_[A-Z_]+|FAULT/));
  const quoted = [...text.matchAll(/^([A-Z]+_[A-Z_]+): /gm)].map(([, code]) => code!);
  const inText = codesIn(text, /^[A-Z]+_[A-Z_]+(?=$|: | \.\.\.)/);
  const codes = [...new Set([...inTable, ...quoted, ...inText])].filter((code) => !isOfAws(code));
  expect(codes.length).toBeGreaterThan(25);
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(source))).toEqual([]);
});

const isOfAws = (code: string) => /^(UPDATE|CREATE|DELETE)_/.test(code);

/** The commands in the text: everything behind `npm run`, up to what ends it. */
const commands = [...text.matchAll(/npm run ([a-z]+(?:[:-][a-z]+)*)((?: --)?(?: [^`\n#;&(]*)?)/g)].map(
  ([, name, words]) => ({
    name: name!,
    words: (words ?? '').trim().split(/\s+/),
  }),
);

test('every command exists, with the words that are given it', async () => {
  expect(commands.length).toBeGreaterThan(30);
  expect(commands.map(({ name }) => name).filter((name) => !(name in scripts))).toEqual([]);
  const given = commands.filter(({ words }) => words[0] === '--');
  for (const { name, words } of given) {
    const help = await helpOf(name);
    const options = words
      .filter((word) => /^--[a-z]/.test(word))
      .map((word) => word.replace(/[^a-z-]+$/, ''));
    const verbs = /^[a-z]+$/.test(words[1] ?? '') ? [`"${words[1]}"`] : [];
    for (const word of [...options.map((option) => ` ${option} `), ...verbs])
      expect([name, word, help.includes(word)]).toEqual([name, word, true]);
  }
});

async function helpOf(name: string): Promise<string> {
  const { script } = (await import(`../../scripts/${name}`)) as { script: Script<object, unknown> };
  let said = '';
  const write = (words: string) => {
    said += words;
  };
  await runScript(script, ['--help'], { stdout: { write }, stderr: { write } });
  return said;
}
