import type { WebResponse } from '../../world';
import { ApplicationError } from '../failure';
import { compose } from '../mail';
import { userOfSession } from './session';
import { views } from './views';
import { page, type Visit } from './visit';

/** What maintenance mode leaves as the view answered it, whoever asks. */
const neverSwapped = ['/accounts/login/', '/notifications/ses/event-webhook/', '/xero/webhook'];

/** What the web server answers when the application raised and could not even make its error page. */
const bareError = page(500, '<h1>Server Error (500)</h1>');

/**
 * Answers a request in the application's order: who asks, note that they are active, the view, and only then
 * maintenance mode. Every row committed on the way is told to the world, with the answer its sender got.
 */
export async function answer(visit: Visit): Promise<WebResponse> {
  const response = await afterMaintenance(visit).catch((error) => {
    if (error instanceof ApplicationError) return bareError;
    throw error;
  });
  const { environment, settings, world } = visit;
  const facts = { environment, endpoint: settings.databaseHost, path: visit.path, status: response.status };
  for (const write of visit.writes) {
    world.happened('write.committed', { ...write, ...facts });
    if (response.status < 400) world.happened('write.acknowledged', { ...write, ...facts });
  }
  return response;
}

/** The view has run, and its writes are committed, before anybody looks at maintenance mode. */
async function afterMaintenance(visit: Visit): Promise<WebResponse> {
  const response = await viewOrErrorPage(visit);
  if (!visit.settings.maintenance || visit.user?.isSuperuser || neverSwapped.includes(visit.path))
    return response;
  return page(503, 'MyABF is down for maintenance.');
}

async function viewOrErrorPage(visit: Visit): Promise<WebResponse> {
  try {
    visit.user = await userOfSession(visit);
    const view = views[`${visit.request.method} ${visit.path}`];
    if (!view) return notFound(visit);
    if (visit.user) await noteActivity(visit);
    return await view(visit);
  } catch (error) {
    if (!(error instanceof ApplicationError)) throw error;
    return errorPage(visit, error);
  }
}

/** Every request of somebody logged in saves the user's row. */
async function noteActivity(visit: Visit): Promise<void> {
  await visit.update('accounts_user', 'SET last_activity = $1 WHERE id = $2 RETURNING id', [
    visit.at,
    visit.user!.id,
  ]);
}

/**
 * The application reports its errors by e-mail and in a table, and answers them with 200. With a login that
 * only reads, this fails as well, and the web server's own bare page is what is left.
 */
async function errorPage(visit: Visit, error: ApplicationError): Promise<WebResponse> {
  const { database, settings, at } = visit;
  const id = await compose(database, settings, at, {
    to: 'support@myabf.com.au',
    subject: `Server Error - ${error.message.split('\n')[0]}`,
    message: error.traceback(),
  });
  visit.writes.push({ table: 'post_office_email', id });
  await visit.insert('utils_error500', {
    error_date_time: at,
    '"user"': visit.user?.username ?? 'AnonymousUser',
    summary: error.message.slice(0, 200),
    error: error.traceback(),
  });
  return page(200, 'Something went wrong. Our support team has been told.');
}

function notFound(visit: Visit): WebResponse {
  const known = Object.keys(views).some((key) => key.endsWith(` ${visit.path}`));
  return known ? page(405, 'Method not allowed') : page(404, 'Page not found');
}
