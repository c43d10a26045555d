import type { Settings } from '../settings';
import type { Activity } from './activity';
import { activitySection } from './page/activity';
import { framed } from './page/frame';
import { html } from './page/html';

/** A page that stands alone: what people did. */
export function activityPage(settings: Settings, activity: Activity): string {
  const title = `What people did on ${activity.database}`;
  return framed({
    title,
    body: html`<header class="top"><h1>${title}</h1></header><main id="content">${activitySection(settings, activity)}</main>`,
  });
}
