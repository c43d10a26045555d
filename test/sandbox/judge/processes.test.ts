import { Processes } from '../../../sandbox/judge/processes';
import type { Judged } from '../../../sandbox/plan';

const judged: Judged = {
  sides: { blue: ['old', 'old-mail'], green: ['new'] },
  payments: ['KEY', 'HOOK'],
  maintenance: { name: 'MAINTENANCE', on: 'ON' },
  databaseHost: 'HOST',
  sessions: undefined,
  conversion: undefined,
};
let broken: Set<string>;
let opened: string[];
let processes: Processes;
let pid: number;
/** The environments behind whose door nobody is let through. */
let behindDoors: Set<string>;

function begin(changes: Partial<Judged> = {}): void {
  broken = new Set();
  opened = [];
  pid = 0;
  behindDoors = new Set();
  processes = new Processes(
    { ...judged, ...changes },
    {
      report: (_, __, evidence) => broken.add(evidence),
      reachable: (environment) => !behindDoors.has(environment),
      forPreparation: (host) => host === 'preparation',
      onOpen: ({ environment }) => opened.push(environment),
    },
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

const doors = ['webAcl.changed', 'webAcl.associated', 'webAcl.disassociated', 'ipSet.changed'];
const doorsChange = (kind = doors[0]!) => processes.watch[kind]!({ atMs: 0, kind });
const job = ['python', 'manage.py', 'auto_pay_batch'];

describe('who can charge', () => {
  test('one environment whose old and new processes differ is one', () => {
    start('old', { ...closed, KEY: 'sk_live' });
    start('old', { ...closed, KEY: 'not-set' });
    start('new', { ...closed, KEY: '', HOOK: 'not-set' });
    expect([...broken]).toEqual([]);
  });

  test('a command counts like a web process, and any of the variables, on any environment', () => {
    start('old', { ...closed, KEY: 'sk_live' });
    start('a third', { HOOK: 'whsec' }, job);
    expect([...broken]).toEqual(['a third and old can charge']);
  });

  test('a process that ended does not', () => {
    start('old', { ...closed, KEY: 'sk_live' })();
    start('new', { ...closed, KEY: 'sk_live' });
    expect([...broken]).toEqual([]);
  });

  test('nor does a web process that nobody reaches, until its door lets somebody through', () => {
    behindDoors.add('old');
    start('old', { ...closed, KEY: 'sk_live' });
    start('new', { KEY: 'sk_live' });
    expect([...broken]).toEqual([]);
    behindDoors.clear();
    doorsChange();
    expect([...broken]).toEqual(['new and old can charge']);
  });

  test('a job charges behind any door', () => {
    behindDoors.add('old');
    start('old', { ...closed, KEY: 'sk_live' });
    start('new', { KEY: 'sk_live' });
    start('old', { KEY: 'sk_live' }, job);
    expect([...broken]).toEqual(['new and old can charge']);
  });
});

describe('which sides are open', () => {
  test('both environments of a side are one side, and a command opens nothing', () => {
    start('old', { MAINTENANCE: 'OFF' });
    start('old-mail', {});
    start('new', { MAINTENANCE: 'OFF' }, ['python', 'manage.py', 'migrate']);
    expect([...broken]).toEqual([]);
    expect(new Set(opened)).toEqual(new Set(['old', 'old-mail']));
  });

  test('whatever does not say that maintenance is on is open', () => {
    start('old', { MAINTENANCE: 'OFF' });
    start('new', { MAINTENANCE: 'on' });
    expect([...broken]).toEqual(['blue (old) and green (new) are open']);
  });

  test('an environment of no side is on neither', () => {
    start('old', {});
    start('a third', {});
    expect([...broken]).toEqual([]);
  });

  test.each(doors)('a side that only testers reach is not, until its door is opened: %s', (kind) => {
    behindDoors.add('new');
    start('old', {});
    start('new', {});
    doorsChange(kind);
    expect([[...broken], opened]).toEqual([[], ['old', 'old', 'old']]);
    behindDoors.clear();
    doorsChange(kind);
    expect([...broken]).toEqual(['blue (old) and green (new) are open']);
    expect(opened).toContain('new');
  });

  test('a door that opens before a side in maintenance opens nothing', () => {
    start('old', {});
    start('new', closed);
    doorsChange();
    expect([...broken]).toEqual([]);
    expect(new Set(opened)).toEqual(new Set(['old']));
  });

  test('without a switch the door decides, but for a side that is being prepared', () => {
    begin({ maintenance: undefined });
    behindDoors.add('new');
    start('old', { HOST: 'people' });
    start('new', { HOST: 'people too' });
    expect([...broken]).toEqual([]);
    behindDoors.clear();
    doorsChange();
    expect([...broken]).toEqual(['blue (old) and green (new) are open']);
    begin({ maintenance: undefined });
    start('old', { HOST: 'people' });
    start('new', { HOST: 'preparation' });
    expect([...broken]).toEqual([]);
  });
});

test('the database of an environment is that of the web process which started last', () => {
  start('new', { HOST: 'first' });
  const end = start('new', { HOST: 'second' });
  start('new', { HOST: 'third' }, ['python', 'manage.py', 'migrate']);
  end();
  expect(processes.databaseHostOf('new')).toBe('second');
});
