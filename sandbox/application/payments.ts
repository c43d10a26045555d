import { createHmac, timingSafeEqual } from 'node:crypto';
import { ApplicationError } from './failure';
import type { Settings } from './settings';

/** Asks Stripe to take the money: nothing but the secret key decides whether it does, and whether it is real. */
export function charge(settings: Settings): { mode: 'live' | 'test' } {
  const key = settings.stripeSecretKey;
  if (key === '' || key === 'not-set')
    throw new ApplicationError('stripe.error.AuthenticationError', 'Invalid API Key provided: not-set');
  return { mode: key.startsWith('sk_test') ? 'test' : 'live' };
}

/** The header with which Stripe signs a web hook: https://docs.stripe.com/webhooks#verify-manually */
export function stripeSignature(secret: string, body: string, atSeconds: number): string {
  const digest = createHmac('sha256', secret).update(`${atSeconds}.${body}`).digest('hex');
  return `t=${atSeconds},v1=${digest}`;
}

export function stripeSignatureIsValid(secret: string, body: string, header: string | undefined): boolean {
  const atSeconds = /t=(\d+)/.exec(header ?? '')?.[1];
  return atSeconds !== undefined && equal(header ?? '', stripeSignature(secret, body, Number(atSeconds)));
}

/** Xero signs with a key of its own: https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/ */
export function xeroSignatureIsValid(key: string, body: string, header: string | undefined): boolean {
  return equal(header ?? '', createHmac('sha256', key).update(body).digest('base64'));
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
