import { createHmac } from 'node:crypto';
import type { Happening, WebRequest, WebResponse } from '../world';
import type { Stage } from './stage';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const listenEveryMs = 10_000;

/** A service that tells the application of what happened, and how it goes on when that is not received. */
interface Sender {
  actor: string;
  clientAddress: string;
  /** What it has to tell about a happening, if anything. */
  about: (happening: Happening) => Omit<WebRequest, 'headers'> | undefined;
  headers: (body: string, nowMs: number) => Record<string, string>;
  /** How long it waits after each refusal; when they are used up it gives the message up. */
  retryDelaysMs: number[];
  givesUpAt: (answer: WebResponse | undefined) => boolean;
}

/**
 * Stripe confirms each real charge of a card. It tries for up to three days, ever less often, until the answer is
 * a success: https://docs.stripe.com/webhooks#retries
 */
export function stripe(host: string, secret: string | undefined): Sender {
  return {
    actor: 'stripe',
    clientAddress: '198.51.100.198',
    about: ({ kind, mode, stripeTransactionId }) => {
      if (kind !== 'charged' || mode !== 'live' || stripeTransactionId === undefined) return undefined;
      const object = {
        id: `ch_live_${stripeTransactionId}`,
        metadata: { cobalt_pay_id: stripeTransactionId },
      };
      const body = JSON.stringify({ type: 'charge.succeeded', data: { object } });
      return { method: 'POST', path: '/payments/stripe-webhook', host, body };
    },
    headers: (body, nowMs): Record<string, string> => {
      if (!secret) return {};
      const atSeconds = Math.floor(nowMs / 1_000);
      const digest = createHmac('sha256', secret).update(`${atSeconds}.${body}`).digest('hex');
      return { 'stripe-signature': `t=${atSeconds},v1=${digest}` };
    },
    retryDelaysMs: [5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, ...Array(6).fill(10 * hourMs)],
    givesUpAt: () => false,
  };
}

/**
 * SES tells of each delivery through SNS, which tries again three times, 20 seconds apart, and then drops the
 * message for good (https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.retry.html). Any answer up to 4xx counts
 * as received (https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html).
 */
export function ses(host: string): Sender {
  return {
    actor: 'ses',
    clientAddress: '198.51.100.199',
    about: ({ kind, messageId }) => {
      if (kind !== 'email.sent') return undefined;
      const headers = [{ name: 'Message-ID', value: messageId }];
      const message = JSON.stringify({ eventType: 'Delivery', mail: { headers } });
      const body = JSON.stringify({ Type: 'Notification', Message: message });
      return { method: 'POST', path: '/notifications/ses/event-webhook/', host, body };
    },
    headers: () => ({
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': 'Notification',
    }),
    retryDelaysMs: [20_000, 20_000, 20_000],
    givesUpAt: (answer) => answer !== undefined && answer.status < 500,
  };
}

/** Listens to what happens from now on and tells the application of it. */
export function beginSending(stage: Stage, sender: Sender): void {
  let seen = stage.world.happenings.length;
  const listen = async () => {
    stage.later(listenEveryMs, `${sender.actor} listens`, listen);
    const { happenings } = stage.world;
    const fresh = happenings.slice(seen);
    seen = happenings.length;
    for (const happening of fresh) {
      const message = sender.about(happening);
      if (message) await send(stage, sender, message, 0);
    }
  };
  stage.later(listenEveryMs, `${sender.actor} listens`, listen);
}

async function send(
  stage: Stage,
  sender: Sender,
  message: Omit<WebRequest, 'headers'>,
  refusals: number,
): Promise<void> {
  const headers = sender.headers(message.body, stage.world.clock.nowMs());
  const { answer, acknowledged } = await stage.ask(
    sender.actor,
    { ...message, headers, clientAddress: sender.clientAddress },
    ({ status }) => status >= 200 && status < 300,
  );
  if (acknowledged) return;
  const delayMs = sender.retryDelaysMs[refusals];
  if (delayMs === undefined || sender.givesUpAt(answer)) {
    stage.world.happened('webhook.dropped', {
      actor: sender.actor,
      host: message.host,
      status: answer?.status,
    });
    return;
  }
  stage.later(delayMs, `${sender.actor} tries again`, () => send(stage, sender, message, refusals + 1));
}
