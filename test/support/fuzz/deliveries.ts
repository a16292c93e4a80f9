import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { HINT } from '../../../src/platforms/meetup/fixtures.test-support.js'
import { DELIVERIES as EVENTBRITE } from '../platforms/eventbrite-samples.js'
import { DELIVERIES as LUMA } from '../platforms/luma-samples.js'
import { MEETUP_SECRET } from '../service/test-system.js'

/** Variables of the service with which `signatureOf` signs. */
export const WEBHOOK_SECRETS = {
  LUMA_WEBHOOK_SECRET: 'whsec_of_generated_deliveries',
  STRIPE_WEBHOOK_SECRET: 'whsec_of_generated_payments',
}

const INTENT = { id: 'pi_example', object: 'payment_intent', amount: 3_000, currency: 'eur', status: 'succeeded' }
const REFUND = { id: 're_example', object: 'refund', payment_intent: INTENT.id, amount: 1_000, status: 'succeeded' }
const DISPUTE = { ...REFUND, id: 'du_example', object: 'dispute', status: 'needs_response' }
const STRIPE = Object.entries({
  'payment_intent.succeeded': INTENT,
  'charge.refunded': { id: 'ch_example', object: 'charge', payment_intent: INTENT.id },
  'refund.updated': REFUND,
  'charge.dispute.created': DISPUTE,
  'charge.dispute.closed': { ...DISPUTE, status: 'lost' },
}).map(([type, object]) => ({ id: 'evt_example', object: 'event', type, data: { object } }))

/** Bodies by route. */
export const DELIVERIES: Readonly<Record<string, readonly unknown[]>> = {
  '/webhooks/eventbrite/{token}': Object.values(EVENTBRITE).map((text) => JSON.parse(text) as unknown),
  '/webhooks/luma': Object.values(LUMA),
  '/webhooks/meetup': [HINT],
  '/webhooks/stripe': STRIPE,
}

/** Headers with which a body is accepted as one of the sender. */
export function signatureOf(path: string, body: Buffer): Record<string, string> {
  if (path === '/webhooks/luma') return { 'webhook-signature': stamped(WEBHOOK_SECRETS.LUMA_WEBHOOK_SECRET, body) }
  if (path === '/webhooks/stripe') return { 'stripe-signature': stamped(WEBHOOK_SECRETS.STRIPE_WEBHOOK_SECRET, body) }
  return path === '/webhooks/meetup' ? standard(body) : {}
}

/** The form of Luma and Stripe. */
function stamped(secret: string, body: Buffer): string {
  const at = Math.floor(Date.now() / 1_000)
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex')}`
}

/** Standard Webhooks. */
function standard(body: Buffer): Record<string, string> {
  const [id, at] = ['msg_fuzz', new Date()]
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(MEETUP_SECRET).sign(id, at, body),
  }
}
