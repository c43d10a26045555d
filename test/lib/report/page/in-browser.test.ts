import { lifecyclePage } from '../../../../lib/report/page/lifecycle-page';
import { reportPage } from '../../../../lib/report/page/report-page';
import { barriers, inBrowser, tooWide } from '../../../support/chromium';
import { smallReport } from '../../../support/reported-night';
import { cobalt } from '../../../support/upgrade';

const page = reportPage(smallReport('Cut over from blue to green'), { timeZone: 'Australia/Sydney' });
const row = {
  table: 'events_evententry',
  key: '1',
  at: null,
  number: '620001',
  amount: null,
  what: 'x'.repeat(90),
};
const lifecycle = lifecyclePage(
  {
    sections: [smallReport('First'), smallReport('Second')],
    givenUp: { database: 'green', source: 'blue', countedAt: '2026-11-26T12:30:00.000Z', rows: [row] },
    invariants: { checked: 3, broken: [] },
  },
  cobalt,
  'Australia/Sydney',
);
const openAll = `document.querySelectorAll('details').forEach((each) => { each.open = true; })`;

inBrowser('a page in a browser', ({ open }) => {
  describe.each([
    ['of a run', page],
    ['of several runs', lifecycle],
  ])('%s', (_, markup) => {
    test.each([
      ['by day', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
      ['at night', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
      ['on a phone at night', { colorScheme: 'dark', viewport: { width: 320, height: 640 } }],
    ] as const)('can be read by everybody %s, without scrolling sideways', async (_, options) => {
      const { page: shown, faults } = await open(markup, options);
      await shown.evaluate(openAll);
      expect(await barriers(shown)).toEqual([]);
      expect(await tooWide(shown)).toBe(0);
      expect(faults).toEqual([]);
    });
  });

  test('its evidence opens from the keyboard, and where one is can be seen', async () => {
    const { page: shown } = await open(page);
    await shown.focus('#step-freeze > summary');
    await shown.keyboard.press('Shift+Tab');
    await shown.keyboard.press('Tab');
    expect(await shown.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await shown.keyboard.press('Enter');
    expect(await shown.isVisible('#step-freeze table')).toBe(true);
  });

  test('steps stand in their time: one that follows another begins where it ends', async () => {
    const { page: shown } = await open(page, { viewport: { width: 1280, height: 900 } });
    const work = async (id: string) => (await shown.locator(`#step-${id} rect.work`).boundingBox())!;
    const [freeze, beside] = [await work('freeze'), await work('beside')];
    expect(Math.abs(freeze.x + freeze.width - beside.x)).toBeLessThan(3);
    expect((await work('test')).x).toBeGreaterThan(beside.x + beside.width);
    const outage = (await shown.locator('.timeline rect.band').boundingBox())!;
    expect(outage.x).toBeGreaterThan(freeze.x);
    expect(outage.x).toBeLessThan(beside.x);
  });

  test('on paper it is light', async () => {
    const { page: shown } = await open(page, { colorScheme: 'dark' });
    await shown.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await shown.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
    expect(await shown.evaluate(`getComputedStyle(document.querySelector('h1')).color`)).toBe(
      'rgb(20, 26, 36)',
    );
  });
});
