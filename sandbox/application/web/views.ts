import { randomBytes } from 'node:crypto';
import { ApplicationError } from '../failure';
import { compose } from '../mail';
import { charge } from '../payments';
import { startSession } from './session';
import { page, redirect, type View, type Visit } from './visit';
import { sesHook, stripeHook, xeroHook } from './web-hooks';

/** The pages of the stand-in, by method and path. Anything else is not found. */
export const views: Record<string, View> = {
  'GET /': home,
  'GET /accounts/login/': loginPage,
  'POST /accounts/login/': login,
  'POST /events/enter': loggedIn(enterEvent),
  'POST /payments/pay': loggedIn(pay),
  'POST /payments/stripe-webhook': stripeHook,
  'POST /notifications/ses/event-webhook/': sesHook,
  'POST /xero/webhook': xeroHook,
};

function loggedIn(view: View): View {
  return async (visit) => (visit.user ? view(visit) : redirect(`/accounts/login/?next=${visit.path}`));
}

/** The health check's address: for somebody who is not logged in it reads, and writes nothing. */
async function loginPage(visit: Visit) {
  await visit.database.query('SELECT id FROM events_congress LIMIT 1');
  const token = csrfTokenOf(visit) ?? randomBytes(16).toString('hex');
  const field = `<input type="hidden" name="csrfmiddlewaretoken" value="${token}">`;
  const headers = { 'set-cookie': `csrftoken=${token}; Path=/; SameSite=Lax` };
  return page(200, `Log in to MyABF <form method="post">${field}</form>`, headers);
}

const csrfTokenOf = (visit: Visit) => /(?:^|;\s*)csrftoken=([^;]+)/.exec(visit.header('cookie') ?? '')?.[1];

/**
 * Whoever shows the cookie must send its token too, from a page of this host.
 * https://docs.djangoproject.com/en/5.2/ref/csrf/
 */
function isForged(visit: Visit): boolean {
  const token = csrfTokenOf(visit);
  if (token === undefined) return false;
  const from = visit.header('origin') ?? visit.header('referer') ?? '';
  return (
    visit.form().get('csrfmiddlewaretoken') !== token || !from.startsWith(`https://${visit.request.host}`)
  );
}

async function login(visit: Visit) {
  if (isForged(visit)) return page(403, 'Forbidden. CSRF verification failed. Request aborted.');
  const form = visit.form();
  const rows = await visit.database.query<{ id: number }>(
    'SELECT id FROM accounts_user WHERE username = $1 AND password = $2 AND is_active',
    [form.get('username'), `sandbox$${form.get('password')}`],
  );
  const user = rows[0];
  if (!user) return page(200, 'Log in to MyABF. That user name and password do not match.');
  const key = await startSession(visit, user.id);
  await visit.update('accounts_user', 'SET last_login = $1 WHERE id = $2 RETURNING id', [visit.at, user.id]);
  return redirect('/', { 'set-cookie': `sessionid=${key}; Path=/; HttpOnly; SameSite=Lax` });
}

async function home(visit: Visit) {
  const { database, user } = visit;
  if (!user) {
    const congresses = await database.query('SELECT id FROM events_congress WHERE end_date > $1', [visit.at]);
    return page(200, `Welcome to MyABF. ${congresses.length} congresses are open.`);
  }
  return page(200, `Dashboard of ${user.username}. ${await masterpoints(visit)}`);
}

/** From the database when MP_USE_DJANGO is set to anything, full or empty; otherwise from the old Masterpoints Centre. */
async function masterpoints({ database, settings, upgraded, user }: Visit): Promise<string> {
  if (!upgraded || !settings.masterpointsFromDatabase) return 'Master points: from the Masterpoints Centre.';
  const rows = await database.query<{ total: string }>(
    'SELECT coalesce(sum(mp_amount), 0) AS total FROM masterpoints_mptran WHERE user_id = $1',
    [user!.id],
  );
  return `Master points: ${rows[0]!.total} from the database.`;
}

/** Each save is committed on its own, as Django does without ATOMIC_REQUESTS. */
async function enterEvent(visit: Visit) {
  const { at, database, settings } = visit;
  const user = visit.user!;
  const eventId = Number(visit.form().get('event'));
  const events = await database.query<{ fee: string }>(
    'SELECT entry_fee AS fee FROM events_event WHERE id = $1',
    [Number.isInteger(eventId) ? eventId : 0],
  );
  const event = events[0];
  if (!event) return page(404, 'Page not found');
  const entryId = await visit.insert('events_evententry', {
    event_id: eventId,
    entry_status: 'Complete',
    primary_entrant_id: user.id,
    first_created_date: at,
    entry_complete_date: at,
  });
  await visit.insert('events_evententryplayer', {
    event_entry_id: entryId,
    player_id: user.id,
    paid_by_id: user.id,
    payment_type: 'my-system-dollars',
    payment_status: 'Paid',
    entry_fee: event.fee,
    payment_received: event.fee,
    first_created_date: at,
  });
  await visit.insert('events_eventlog', {
    event_id: eventId,
    actor_id: user.id,
    event_entry_id: entryId,
    action_date: at,
    action: `Entry created. Id: ${entryId}`,
  });
  const subject = `Entry ${entryId} received`;
  const emailId = await compose(database, settings, at, { to: user.email, subject, message: subject });
  visit.writes.push({ table: 'post_office_email', id: emailId });
  return page(200, `${subject}.`);
}

/** Takes money by card and adds it to the member's balance; Stripe's web hook confirms it afterwards. */
async function pay(visit: Visit) {
  const { at, environment, settings, world } = visit;
  const user = visit.user!;
  const amount = Number(visit.form().get('amount') ?? '50');
  if (!(amount > 0 && amount < 10_000))
    throw new ApplicationError('ValueError', 'The amount is not a sum of money');
  const { mode } = charge(settings);
  const stripeTransactionId = await visit.insert('payments_stripetransaction', {
    member_id: user.id,
    description: 'Payment',
    amount,
    status: 'Pending',
    created_date: at,
    last_change_date: at,
  });
  world.happened('charged', {
    environment,
    endpoint: settings.databaseHost,
    amount,
    mode,
    automatic: false,
    stripeTransactionId,
  });
  await visit.insert('payments_membertransaction', {
    created_date: at,
    amount,
    balance: amount,
    description: 'Payment',
    reference_no: `P${stripeTransactionId}`,
    type: 'CC Payment',
    member_id: user.id,
    stripe_transaction_id: stripeTransactionId,
  });
  return page(200, `Payment ${stripeTransactionId} of ${amount} received.`);
}
