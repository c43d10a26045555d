import { z } from 'zod';
import { filled } from '../filled';
import { stripeSignatureIsValid, xeroSignatureIsValid } from '../payments';
import { page, type Visit } from './visit';

const stripeEvent = z.object({
  type: z.literal('charge.succeeded'),
  data: z.object({
    object: z.object({ id: z.string(), metadata: z.object({ cobalt_pay_id: z.number().int() }) }),
  }),
});

/** Marks the payment as succeeded. A payment that this database does not know is answered with 200, and lost. */
export async function stripeHook(visit: Visit) {
  const { stripeWebhookSecret: secret } = visit.settings;
  const { body } = visit.request;
  if (secret !== '' && !stripeSignatureIsValid(secret, body, visit.header('stripe-signature')))
    return page(400, 'Invalid signature');
  const event = stripeEvent.safeParse(json(body));
  if (!event.success) return page(400, 'Unknown event');
  const { id, metadata } = event.data.data.object;
  await visit.update(
    'payments_stripetransaction',
    `SET status = 'Succeeded', stripe_reference = $1, last_change_date = $2 WHERE id = $3 RETURNING id`,
    [id, visit.at, metadata.cobalt_pay_id],
  );
  return page(200, '');
}

const sesMessage = z.object({
  eventType: z.literal('Delivery'),
  mail: z.object({ headers: z.array(z.object({ name: z.string(), value: z.string() })) }),
});

/** Notes that an e-mail arrived, if this database knows the e-mail. */
export async function sesHook(visit: Visit) {
  const envelope = z.object({ Message: z.string() }).safeParse(json(visit.request.body));
  const message = sesMessage.safeParse(envelope.success ? json(envelope.data.Message) : undefined);
  if (!message.success) return page(400, '');
  const messageId = message.data.mail.headers.find(({ name }) => name === 'Message-ID')?.value;
  const { moreNames, moreValues } = filled('notifications_snooper');
  const rows = await visit.database.query<{ id: number }>(
    `INSERT INTO notifications_snooper (post_office_email_id, ses_delivered_at, ses_open_count${moreNames})
     SELECT id, $1, 0${moreValues} FROM post_office_email WHERE message_id = $2
     ON CONFLICT (post_office_email_id) DO UPDATE SET ses_delivered_at = $1
     RETURNING post_office_email_id AS id`,
    [visit.at, messageId],
  );
  for (const { id } of rows) visit.writes.push({ table: 'notifications_snooper', id });
  return page(200, '');
}

const xeroEvents = z.object({
  events: z.array(z.object({ eventCategory: z.literal('INVOICE'), resourceId: z.string().min(1) })),
});

/** Marks the invoices as paid; no events at all is Xero asking whether anybody listens. */
export async function xeroHook(visit: Visit) {
  const { body } = visit.request;
  if (!xeroSignatureIsValid(visit.settings.xeroWebhookKey, body, visit.header('x-xero-signature')))
    return page(401, '');
  const events = xeroEvents.safeParse(json(body));
  if (!events.success) return page(400, '');
  for (const { resourceId } of events.data.events)
    await visit.update(
      'xero_xeroinvoice',
      `SET status = 'PAID', updated_at = $1 WHERE xero_invoice_id = $2 RETURNING id`,
      [visit.at, resourceId],
    );
  return page(200, '');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
