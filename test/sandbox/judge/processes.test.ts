import { Processes, type RunningProcess } from '../../../sandbox/judge/processes';
import type { Judged } from '../../../sandbox/plan';

const judged: Judged = {
  sides: { blue: ['old', 'old-mail'], green: ['new'] },
  payments: ['KEY', 'HOOK'],
  maintenance: { name: 'MAINTENANCE', on: 'ON' },
  databaseHost: 'HOST',
  sessions: undefined,
  conversion: undefined,
};
let broken: string[];
let opened: RunningProcess[];
let processes: Processes;
let pid: number;

function begin(changes: Partial<Judged> = {}): void {
  broken = [];
  opened = [];
  pid = 0;
  processes = new Processes(
    { ...judged, ...changes },
    (_, __, evidence) => broken.push(evidence),
    (process) => opened.push(process),
  );
}
beforeEach(() => begin());

const gunicorn = ['python', '/var/app/venv/x/bin/gunicorn'];
const closed = { MAINTENANCE: 'ON' };

function start(environment: string, environ: Record<string, string>, argv = gunicorn) {
  const happening = { atMs: 0, kind: 'process.started', instance: `i-${environment}`, environment };
  const started = { ...happening, pid: ++pid, argv, environ };
  processes.watch['process.started']!(started);
  return () => processes.watch['process.ended']!({ ...started, kind: 'process.ended' });
}

describe('who can charge', () => {
  test('one environment whose old and new processes differ is one', () => {
    start('old', { ...closed, KEY: 'sk_live' });
    start('old', { ...closed, KEY: 'not-set' });
    start('new', { ...closed, KEY: '', HOOK: 'not-set' });
    expect(broken).toEqual([]);
  });

  test('a command counts like a web process, and any of the variables, on any environment', () => {
    start('old', { ...closed, KEY: 'sk_live' });
    start('a third', { HOOK: 'whsec' }, ['python', 'manage.py', 'auto_pay_batch']);
    expect(broken).toEqual(['a third and old hold payment keys']);
  });

  test('a process that ended does not', () => {
    start('old', { ...closed, KEY: 'sk_live' })();
    start('new', { ...closed, KEY: 'sk_live' });
    expect(broken).toEqual([]);
  });
});

describe('which sides are open', () => {
  test('both environments of a side are one side, and a command opens nothing', () => {
    start('old', { MAINTENANCE: 'OFF' });
    start('old-mail', {});
    start('new', { MAINTENANCE: 'OFF' }, ['python', 'manage.py', 'migrate']);
    expect(broken).toEqual([]);
    expect(opened.map(({ environment }) => environment)).toEqual(['old', 'old-mail']);
  });

  test('whatever does not say that maintenance is on is open', () => {
    start('old', { MAINTENANCE: 'OFF' });
    start('new', { MAINTENANCE: 'on' });
    expect(broken).toEqual(['blue (old) and green (new) serve with maintenance off']);
  });

  test('an environment of no side is on neither', () => {
    start('old', {});
    start('a third', {});
    expect(broken).toEqual([]);
  });

  test('without a switch nobody can tell', () => {
    begin({ maintenance: undefined });
    start('old', {});
    start('new', {});
    expect([broken, opened]).toEqual([[], []]);
  });
});

test('the database of an environment is that of the web process which started last', () => {
  start('new', { HOST: 'first' });
  const end = start('new', { HOST: 'second' });
  start('new', { HOST: 'third' }, ['python', 'manage.py', 'migrate']);
  end();
  expect(processes.databaseHostOf('new')).toBe('second');
});
