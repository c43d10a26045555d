import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { scripts } from '../../package.json';

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  permissions: Record<string, string>;
  steps: Step[];
}
interface Workflow {
  on: string | Record<string, unknown>;
  permissions: object;
  jobs: Record<string, Job>;
}

const folder = '.github/workflows';
const files = readdirSync(folder).map((file): [string, string] => [
  file,
  readFileSync(path.join(folder, file), 'utf8'),
]);
const workflows = files.map(([file, text]): [string, Workflow] => [file, parse(text)]);
const jobs = workflows.flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]): [string, Job] => [`${file} ${name}`, job]),
);
const job = (name: string) => jobs.find(([each]) => each === name)![1];

describe.each(files)('%s', (_, text) => {
  test('takes every action by its commit, and says which version that is', () => {
    const uses = text.match(/uses: .*/g) ?? [];
    for (const each of uses) expect(each).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});

test('each action is taken at one commit', () => {
  const uses = new Set(files.flatMap(([, text]) => text.match(/uses: .*/g) ?? []));
  expect(new Set([...uses].map((each) => each.split('@')[0])).size).toBe(uses.size);
});

test.each(workflows)('%s runs what was proposed with no right but those that a job names', (_, workflow) => {
  expect(workflow.permissions).toEqual({});
  expect(JSON.stringify(workflow.on)).not.toContain('pull_request_target');
});

test('each job has the rights that it needs, and no other', () => {
  expect(Object.fromEntries(jobs.map(([name, { permissions }]) => [name, permissions]))).toEqual({
    'pull-request.yml stacks': { contents: 'read' },
    'pull-request.yml comment': { 'pull-requests': 'write' },
    'pull-request.yml tests': { contents: 'read' },
    'nightly.yml due': { contents: 'read' },
    'nightly.yml rehearsal': { contents: 'read' },
    'nightly.yml preflight': { contents: 'read', 'id-token': 'write' },
  });
});

test('what may comment runs nothing of the checkout', () => {
  expect(job('pull-request.yml comment').steps.filter(({ uses }) => uses)).toEqual([]);
});

describe.each(jobs)('%s', (_, { steps }) => {
  const runs = steps.flatMap(({ run }) => (run ? [run] : []));

  test('runs only scripts that there are', () => {
    for (const run of runs) {
      for (const [, name = ''] of run.matchAll(/npm run ([\w:-]+)/g))
        expect(Object.keys(scripts)).toContain(name);
      for (const [file] of run.matchAll(/\.ci\/\w+/g)) accessSync(file, constants.X_OK);
    }
  });

  test('hands words of a pull request to no shell but by its environment', () => {
    for (const run of runs) expect(run).not.toContain('${{');
  });

  test('keeps no token in the checkout', () => {
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout')))
      expect(step.with).toMatchObject({ 'persist-credentials': false });
  });
});

describe('the comment', () => {
  const bin = mkdtempSync(path.join(tmpdir(), 'gh-'));
  afterAll(() => rmSync(bin, { recursive: true }));

  /** What gh is called with, where it knows of a comment or of none. */
  function calls(known: string): string[] {
    const log = path.join(bin, 'log');
    writeFileSync(log, '');
    writeFileSync(
      path.join(bin, 'gh'),
      `#!/bin/sh\necho "$@" >> ${log}\ncase "$*" in *--paginate*) printf '%s' "$KNOWN" ;; esac\n`,
    );
    chmodSync(path.join(bin, 'gh'), 0o755);
    const [{ run = '' }] = job('pull-request.yml comment').steps as [Step];
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      KNOWN: known,
      REPOSITORY: 'abf/upgrade',
      NUMBER: '7',
      COMMENT: '@nothing `of this` is $(run)',
    };
    expect(spawnSync('bash', ['-eo', 'pipefail', '-c', run], { env }).status).toBe(0);
    return readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.replace('api --silent ', ''));
  }
  const body = '--raw-field body=@nothing `of this` is $(run)';

  test('is written where there is none', () => {
    expect(calls('').at(-1)).toBe(`--method POST repos/abf/upgrade/issues/7/comments ${body}`);
  });

  test('is written anew where there is one', () => {
    expect(calls('31\n44\n').at(-1)).toBe(`--method PATCH repos/abf/upgrade/issues/comments/31 ${body}`);
  });
});

describe('whether the night is near', () => {
  function due(env: Record<string, string | undefined>) {
    const given = { PATH: process.env.PATH!, NOW: '2026-11-20T12:00:00Z', ...env };
    const { status, stdout, stderr } = spawnSync('.ci/due', { env: given, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : `${status} ${stderr.trim()}`;
  }

  test.each([
    ['in the last two weeks before it', { UPGRADE_WINDOW: '2026-11-26T22:00+11:00' }, 'due=yes'],
    ['earlier', { UPGRADE_WINDOW: '2026-12-26T22:00+11:00' }, 'due=no'],
    ['once it has begun', { UPGRADE_WINDOW: '2026-11-20T22:00+11:00' }, 'due=no'],
    ['without a window', {}, 'due=no'],
    ['with an empty one, as an unset variable is', { UPGRADE_WINDOW: '', UPGRADE_DAYS_BEFORE: '' }, 'due=no'],
    ['in fewer days', { UPGRADE_WINDOW: '2026-11-26T22:00+11:00', UPGRADE_DAYS_BEFORE: '3' }, 'due=no'],
    ['in more days', { UPGRADE_WINDOW: '2026-12-18T22:00+11:00', UPGRADE_DAYS_BEFORE: '30' }, 'due=yes'],
  ])('%s', (_, env, expected) => {
    expect(due(env)).toBe(expected);
  });

  test.each([
    { UPGRADE_WINDOW: '26 November' },
    { UPGRADE_WINDOW: '2026-11-26T22:00' },
    { UPGRADE_WINDOW: '2026-11-26T22:00Z', UPGRADE_DAYS_BEFORE: 'ten' },
  ])('refuses %p', (env: Record<string, string | undefined>) => {
    expect(due(env)).toMatch(/^2 UPGRADE_WINDOW is/);
  });
});

const actionlint = spawnSync('actionlint', ['-version']).status === 0;

(actionlint ? test : test.skip)('actionlint, where there is one, finds nothing', () => {
  const { stdout, status } = spawnSync('actionlint', { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, '']);
});
