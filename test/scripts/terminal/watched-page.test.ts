import { LiveFeed } from '../../../lib/report/page/live-page';
import type { Watched } from '../../../lib/report/page/now';
import { wordsIn } from '../../../lib/report/page/words';
import type { Entry } from '../../../lib/runbook/entry';
import type { Operator } from '../../../lib/runbook/operator';
import type { Gate, Step } from '../../../lib/runbook/step';
import { RunView } from '../../../lib/upgrade/run/run-view';
import { serve, type Watching } from '../../../scripts/terminal/watch-server';
import { barriers, inBrowser, tooWide } from '../../support/chromium';
import { playedClock } from '../../support/clock';
import { minute, smallNight } from '../../support/reported-night';

const { runbook, entries } = smallNight('Cut over');
const gate: Gate = {
  will: ['The door opens to <everybody>.'],
  check: ['Somebody paid, and was paid back.', 'a'.repeat(200)],
};

/** The second drive of a small night, as it is watched: at its question, and after it. */
class Night {
  readonly shown: Entry[] = entries.slice(0, 15);
  nowMs = Date.parse(minute(203));
  said = '';
  over = false;
  answer: (yes: boolean) => void = () => {};
  private readonly clock = playedClock(
    () => new Date(this.nowMs),
    async () => {},
  );
  private readonly view = new RunView({
    runbook,
    journal: { run: 'a-run', entries: this.shown },
    clock: this.clock,
    timings: new Map(),
    modelled: true,
  });
  readonly operator: Operator = this.view.over({
    tell: () => {},
    confirm: () =>
      new Promise((resolve) => {
        this.answer = resolve;
      }),
    stopped: new Promise(() => {}),
  });

  readonly look = (): Watched => {
    const live = this.view.live();
    return {
      title: live.report.title,
      now: live.now,
      live,
      underneath: ['CobaltDatabaseGreen: Database CREATE_IN_PROGRESS, 181 s'],
      said: this.said,
      over: this.over,
    };
  };

  begin(id: string): void {
    this.operator.tell({ code: 'STEP_STARTED', at: new Date(this.nowMs - 60_000), step: id, text: id });
    this.operator.tell({
      code: 'STEP_WAITING',
      at: new Date(this.nowMs),
      step: id,
      text: 'the database is creating',
    });
  }

  /** Goes on to this line of the journal. */
  until(line: number): void {
    this.shown.push(...entries.slice(this.shown.length, line));
    this.nowMs = Date.parse(this.shown.at(-1)!.at) + 60_000;
  }

  ask(): Promise<boolean> {
    const step = runbook.steps.find(({ id }) => id === 'test') as Step;
    return this.operator.confirm(step, gate);
  }
}

inBrowser('who watches a run', ({ open }) => {
  let night: Night;
  let watching: Watching;

  beforeEach(async () => {
    night = new Night();
    night.begin('restore');
    watching = await serve(0, new LiveFeed(night.look, wordsIn('Australia/Sydney')));
  });
  afterEach(() => watching.end());

  test('sees what runs, for how long, what AWS does, and when it will be over', async () => {
    const { page, faults } = await open(watching.url);
    await page.getByText('Live', { exact: true }).waitFor();
    const now = (await page.textContent('#now'))!.replace(/\s+/g, ' ');
    expect(now).toMatch(/01:00 of about 1\d.* min\s?the database is creating/);
    expect(now).toContain('Database CREATE_IN_PROGRESS, 181 s');
    expect(now).toMatch(/Visitors are refused.*To welcome ?1\d min ?about 01:3\d/);
    expect(await page.title()).toBe('Cut over: running');
    expect(faults).toEqual([watching.url, `${watching.url}events`]);
  });

  test('sees at a gate what will happen and what to check, and that it goes on after the answer', async () => {
    const { page } = await open(watching.url);
    night.until(17);
    const answered = night.ask();
    const asks = page.locator('.asks');
    await asks.waitFor();
    expect(await asks.textContent()).toContain('The door opens to <everybody>.');
    expect(await asks.textContent()).toContain('Somebody paid, and was paid back.');
    expect(await page.title()).toMatch(/^\? /);
    night.answer(true);
    expect(await answered).toBe(true);
    night.until(entries.length);
    await page.getByText('✓ done').waitFor();
    expect(await asks.count()).toBe(0);
  });

  test.each([
    ['by day', { colorScheme: 'light' }],
    ['on a phone at night', { colorScheme: 'dark', viewport: { width: 320, height: 640 } }],
  ] as const)('can read it %s', async (_, options) => {
    night.until(17);
    void night.ask();
    const { page } = await open(watching.url, options);
    await page.locator('.asks').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await tooWide(page)).toBe(0);
  });

  test('keeps what was opened, and their place, while the page changes', async () => {
    const { page } = await open(watching.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.focus('#step-freeze > summary');
    await page.keyboard.press('Enter');
    night.until(entries.length);
    night.said = 'Visitors are welcome.';
    await page.getByText('✓ done').waitFor();
    expect(await page.getAttribute('#step-welcome >> .. ', 'class')).toContain('is-done');
    expect(await page.isVisible('#step-freeze table')).toBe(true);
    expect(await page.evaluate('document.activeElement.parentElement.id')).toBe('step-freeze');
    expect(await page.textContent('#said')).toBe('Visitors are welcome.');
    expect(await page.getAttribute('#said', 'role')).toBe('status');
  });

  test('is told when the connection is lost, since when, and when it is back', async () => {
    const { page } = await open(watching.url);
    await page.getByText('Live', { exact: true }).waitFor();
    const port = Number(new URL(watching.url).port);
    await watching.end();
    await page.getByText('Connection lost. Last seen at 01:23:00. Trying again.').waitFor();
    watching = await serve(port, new LiveFeed(night.look, wordsIn('Australia/Sydney')));
    await page.getByText('Live', { exact: true }).waitFor();
  });

  test('is told that the command has ended', async () => {
    const { page } = await open(watching.url);
    await page.getByText('Live', { exact: true }).waitFor();
    night.over = true;
    await page.getByText('The command has ended.').waitFor();
  });
});
