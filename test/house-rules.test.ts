import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Source {
  file: string;
  lines: string[];
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n') }));
}

const isComment = (line: string) => /^\s*(\/\/|\/?\*)/.test(line);

/** Where a pattern stands in the code, comments left out. */
function found(sources: Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ file, lines }) =>
    lines.flatMap((line, index) =>
      !isComment(line) && pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
    ),
  );
}

const lib = sourcesIn('lib');
const product = [...lib, ...sourcesIn('bin'), ...sourcesIn('scripts')];
const all = [...product, ...sourcesIn('sandbox')];
const but = (sources: Source[], ...files: string[]) => sources.filter(({ file }) => !files.includes(file));

test('there is something to look at', () => {
  expect(all.length).toBeGreaterThan(100);
});

describe('in lib', () => {
  // What a page's script does is done in a browser.
  const rest = but(lib, 'lib/runbook/clock.ts', 'lib/report/page/live-script.ts');

  test.each([
    ['writes to the console', /\bconsole\.|process\.std(out|err)/],
    ['ends the process', /process\.(exit|kill|abort)/],
    ['asks the machine for the time', /\bDate\.now\b|new Date\(\)|process\.hrtime|performance\.now/],
    ['sets a timer', /\bset(Timeout|Interval|Immediate)\(/],
    ['asks for chance', /Math\.random|randomBytes|randomUUID|randomInt/],
  ])('nothing but the clock %s', (_, pattern) => {
    expect(found(rest, pattern)).toEqual([]);
  });

  test('the environment is read only where a client is made', () => {
    expect(found(but(lib, 'lib/aws/clients.ts', 'lib/aws/outside.ts'), /process\.env/)).toEqual([]);
  });
});

test('no file is longer than 300 lines', () => {
  expect(all.filter(({ lines }) => lines.length > 301).map(({ file }) => file)).toEqual([]);
});

test('nothing is a manager, a helper or a util', () => {
  expect(found(all, /\b(class|function|const|interface|type) \w*(Manager|Helper|Util)/)).toEqual([]);
  expect(all.map(({ file }) => file).filter((file) => /manager|helper|util/i.test(file))).toEqual([]);
});

test('no file only hands on what others export', () => {
  expect(found(all, /^export (\*|\{[^}]*\}) from/)).toEqual([]);
});
