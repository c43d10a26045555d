import { ApplicationError } from '../failure';
import { filled } from '../filled';
import { compose } from '../mail';
import { charge } from '../payments';
import type { Command, Run } from './command';
import { withLock } from './lock';

const sydneyDate = `($1::timestamptz AT TIME ZONE 'Australia/Sydney')::date`;

/** Charges the memberships that are due today. One that Stripe refuses stays due. */
export const autoPay: Command = {
  async act(run) {
    await withLock(run, 'auto_pay_batch', async () => {
      const due = await run.database.query<DuePayment>(
        `SELECT m.id, m.fee::float AS amount, u.id AS "memberId", u.email, t.organisation_id AS "organisationId"
         FROM organisations_membermembershiptype m JOIN accounts_user u ON u.system_number = m.system_number
         JOIN organisations_membershiptype t ON t.id = m.membership_type_id
         WHERE NOT m.is_paid AND m.auto_pay_date <= ${sydneyDate} ORDER BY m.id`,
        [run.at()],
      );
      for (const payment of due) await take(run, payment);
    });
    return 0;
  },
};

interface DuePayment {
  id: number;
  amount: number;
  memberId: number;
  email: string;
  organisationId: number;
}

async function take(run: Run, payment: DuePayment): Promise<void> {
  const { database, world, settings, environment, at, print } = run;
  try {
    const { mode } = charge(settings);
    const facts = { environment, endpoint: settings.databaseHost, mode, automatic: true };
    world.happened('charged', { ...facts, amount: payment.amount, membership: payment.id });
  } catch (error) {
    if (!(error instanceof ApplicationError)) throw error;
    print(`Auto pay of membership ${payment.id} failed: ${error.message}\n`);
    return;
  }
  await run.work(200);
  const { moreNames, moreValues } = filled('payments_stripetransaction');
  await database.transaction(async () => {
    await database.query(
      `WITH stripe AS (
         INSERT INTO payments_stripetransaction (member_id, description, amount, status, created_date,
           last_change_date${moreNames})
         VALUES ($2, 'Auto top up', $3, 'Succeeded', $1, $1${moreValues}) RETURNING id),
       member AS (
         INSERT INTO payments_membertransaction (created_date, amount, balance, description, reference_no, type, member_id, stripe_transaction_id)
         SELECT $1, -$3::numeric, 0, 'Membership', 'M' || $5, 'Club Membership', $2, id FROM stripe)
       INSERT INTO payments_organisationtransaction (created_date, amount, balance, description, reference_no, type, organisation_id, member_id)
       VALUES ($1, $3, $3, 'Membership', 'M' || $5, 'Club Membership', $4, $2)`,
      [at(), payment.memberId, payment.amount, payment.organisationId, String(payment.id)],
    );
    await database.query(
      `UPDATE organisations_membermembershiptype SET is_paid = true, paid_date = ${sydneyDate} WHERE id = $2`,
      [at(), payment.id],
    );
  });
  await compose(database, settings, at(), {
    to: payment.email,
    subject: 'Membership paid',
    message: 'Thank you.',
  });
}

/** Settles what is unpaid of congresses that ended a week ago. Takes no lock: it runs on every instance. */
export const closeCongresses: Command = {
  async act({ database, settings, at }) {
    const closed = await database.query<{ email: string }>(
      `WITH ended AS (SELECT c.id, c.contact_email FROM events_congress c WHERE c.end_date <= ${sydneyDate} - 7),
       unpaid AS (
         UPDATE events_evententryplayer p SET payment_status = 'Paid', payment_received = p.entry_fee
         FROM events_evententry e JOIN events_event v ON v.id = e.event_id JOIN ended ON ended.id = v.congress_id
         WHERE p.event_entry_id = e.id AND p.payment_status = 'Unpaid' RETURNING e.id AS entry_id, ended.contact_email),
       complete AS (
         UPDATE events_evententry SET entry_status = 'Complete', entry_complete_date = $1
         WHERE id IN (SELECT entry_id FROM unpaid))
       SELECT DISTINCT contact_email AS email FROM unpaid`,
      [at()],
    );
    for (const { email } of closed)
      await compose(database, settings, at(), {
        to: email,
        subject: 'Congress closed',
        message: 'All entries are paid.',
      });
    return 0;
  },
};

/** Ends the memberships whose last day has passed. */
export const updateMemberships: Command = {
  async act(run) {
    await withLock(run, 'update_membership_status', async () => {
      await run.database.query(
        `UPDATE organisations_membermembershiptype SET membership_state = 'END'
         WHERE membership_state = 'CUR' AND end_date < ${sydneyDate}`,
        [run.at()],
      );
    });
    return 0;
  },
};

/** Uploads waiting invoices to Xero, which knows each by its reference and takes it once. */
export const uploadToXero: Command = {
  async act(run) {
    const { database, world, environment, settings } = run;
    await withLock(run, 'upload_xero_settlements', async () => {
      const waiting = await database.query<{ id: number; reference: string }>(
        `SELECT id, cobalt_reference AS reference FROM xero_xeroinvoice WHERE status = 'PENDING_UPLOAD' ORDER BY id`,
      );
      for (const { id, reference } of waiting) {
        world.happened('xero.uploaded', { id, reference, environment, endpoint: settings.databaseHost });
        await run.work(500);
        await database.query(
          `UPDATE xero_xeroinvoice SET status = 'AUTHORISED', xero_invoice_id = 'xero-' || id, updated_at = $2 WHERE id = $1`,
          [id, run.at()],
        );
      }
    });
    return 0;
  },
};
