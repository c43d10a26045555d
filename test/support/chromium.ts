import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onPath } from '../../scripts/rehearsal/on-path';

const program = onPath('chromium') ?? onPath('google-chrome');

/** Tests of pages in a real browser; where there is none they are skipped, and say so. */
export function inBrowser(name: string, tests: (given: { open: OpenPage }) => void): void {
  const known = program ? name : `${name} (left out: there is no chromium on the PATH)`;
  (program ? describe : describe.skip)(known, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: program!, args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());
    tests({
      open: async (markupOrUrl, options = {}) => {
        const page = await browser.newPage(options);
        const faults: string[] = [];
        page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
        page.on('pageerror', (error) => faults.push(String(error)));
        page.on('request', (request) => faults.push(request.url()));
        if (markupOrUrl.startsWith('http')) await page.goto(markupOrUrl, { waitUntil: 'domcontentloaded' });
        else await page.setContent(markupOrUrl);
        return { page, faults };
      },
    });
  });
}

/** A page, and what it asked for or complained of. */
type OpenPage = (
  markupOrUrl: string,
  options?: BrowserContextOptions,
) => Promise<{ page: Page; faults: string[] }>;

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What the rules of accessibility find on a page, and where. */
export async function barriers(page: Page): Promise<string[]> {
  const found = (await page.evaluate(
    `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults;
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** How far a page is wider than its window. */
export const tooWide = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth');
