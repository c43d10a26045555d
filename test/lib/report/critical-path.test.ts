import { criticalPath } from '../../../lib/report/critical-path';
import type { Ports } from '../../../lib/upgrade/ports';
import { cutover, outageMinutes } from '../../../lib/upgrade/runbooks/cutover';
import { PlayedRun } from '../../support/runbook';
import { cobalt } from '../../support/upgrade';

const { step } = new PlayedRun();
type Made = ReturnType<typeof step>;

function of(...steps: Made[]) {
  const { criticalPath: path, slackMinutes } = criticalPath({ name: 'test', steps });
  return { path, slack: Object.fromEntries(slackMinutes) };
}

/** A night: two chains between its beginning and the welcome, and what goes on after and beside it. */
const night = (minutes: Partial<Record<string, number>> = {}) => {
  const of = (id: string, after: string[], expected: number) =>
    step(id, { after, minutes: minutes[id] ?? expected });
  return [
    of('scale', [], 5),
    of('link', [], 1),
    of('begin', ['scale', 'link'], 0),
    of('door', ['begin'], 1),
    of('copy', ['door'], 20),
    of('freeze', ['door'], 5),
    of('prove', ['freeze'], 2),
    of('names', ['copy', 'prove'], 1),
    of('release', ['names'], 2),
    of('welcome', ['names'], 1),
    of('jobs', ['release'], 1),
    of('size', ['welcome', 'jobs'], 5),
  ];
};

test('the path goes from the beginning of the outage to the welcome, always by the step that was waited for', () => {
  expect(of(...night()).path).toEqual(['begin', 'door', 'copy', 'names', 'welcome']);
  expect(of(...night({ freeze: 30 })).path).toEqual(['begin', 'door', 'freeze', 'prove', 'names', 'welcome']);
});

test('of two chains that are equally long it is the one that stands first', () => {
  expect(of(...night({ freeze: 18 })).path).toEqual(['begin', 'door', 'copy', 'names', 'welcome']);
});

test('its minutes are those of the outage', () => {
  const steps = night();
  const minutes = of(...steps).path.map((id) => steps.find((each) => each.id === id)!.minutes);
  expect(minutes.reduce((sum, each) => sum + each, 0)).toBe(0 + 1 + 20 + 1 + 1);
});

test('slack is to the welcome for what it needs, and to the end for the rest', () => {
  expect(of(...night()).slack).toEqual({
    scale: 0,
    link: 4,
    begin: 0,
    door: 0,
    copy: 0,
    freeze: 13,
    prove: 13,
    names: 0,
    // The size waits for the jobs, which end two minutes after the welcome.
    release: 0,
    welcome: 0,
    jobs: 0,
    size: 0,
  });
});

test('what comes later than the welcome takes no slack from what the welcome needs', () => {
  const late = step('late', { after: ['prove'], minutes: 90 });
  expect(of(...night(), late).slack).toMatchObject({ prove: 13, freeze: 13, copy: 0, late: 0, size: 68 });
});

test('what the welcome does not need may take longer until it is what the end waits for', () => {
  expect(of(...night({ welcome: 6 })).slack).toMatchObject({ release: 3, jobs: 3, welcome: 0, size: 0 });
});

test.each(Object.entries(of(...night()).slack))(
  'a %s that takes its slack of %d minutes longer moves nothing, and a minute more moves something',
  (id, slack) => {
    const before = night();
    const ends = (more: number) => {
      const minutes = before.find((each) => each.id === id)!.minutes + more;
      const steps = night({ [id]: minutes });
      return [outageEnd(steps), wholeEnd(steps)];
    };
    expect(ends(slack)).toEqual(ends(0));
    expect(ends(slack + 1)).not.toEqual(ends(0));
  },
);

const ends = (steps: Made[]): Map<string, number> => {
  const at = new Map<string, number>();
  for (const { id, after, minutes } of steps)
    at.set(id, Math.max(0, ...after.map((each) => at.get(each)!)) + minutes);
  return at;
};
const outageEnd = (steps: Made[]) => ends(steps).get('welcome')!;
const wholeEnd = (steps: Made[]) => Math.max(...ends(steps).values());

test('a list without an outage has no such path, and slack to its end', () => {
  expect(of(step('a', { minutes: 5 }), step('b', { minutes: 2 }))).toEqual({
    path: [],
    slack: { a: 0, b: 3 },
  });
});

test.each([false, true])("the cutover's path is as long as its outage (one by one: %s)", (oneByOne) => {
  const runbook = cutover({ settings: cobalt } as Ports, { oneByOne });
  const { criticalPath: path } = criticalPath(runbook);
  const minutes = path.map((id) => runbook.steps.find((each) => each.id === id)!.minutes);
  expect([path[0], path.at(-1)]).toEqual(['begin', 'welcome']);
  expect(Math.round(minutes.reduce((sum, each) => sum + each, 0))).toBe(outageMinutes(runbook.steps));
});
