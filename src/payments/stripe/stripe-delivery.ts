import { Stripe } from 'stripe'
import { parseJson } from '../../infrastructure/text/parse-json.js'

const TOLERANCE_SECONDS = 300

/** The PaymentIntent that a Stripe event refers to; null for other objects. */
export interface StripeDelivery {
  reference: string | null
}

/**
 * Verifies the signature over the raw bytes, then the shape. The payment's state in the event is ignored: it may be
 * stale.
 */
export function readStripeDelivery(
  body: Buffer,
  signature: string | string[] | undefined,
  secret: string | null,
  now: Date,
): StripeDelivery | 'FORGED' | 'MALFORMED' {
  if (secret === null || typeof signature !== 'string') return 'FORGED'
  if (!isSigned(body, signature, secret, now)) return 'FORGED'
  const event = parseJson(body)
  if (!isObject(event) || event['object'] !== 'event' || typeof event['type'] !== 'string') return 'MALFORMED'
  const subject = isObject(event['data']) ? event['data']['object'] : null
  if (!isObject(subject)) return 'MALFORMED'
  const { object, id } = subject
  return { reference: object === 'payment_intent' && typeof id === 'string' ? id : null }
}

/** An unparsable header counts as a wrong signature. */
function isSigned(body: Buffer, header: string, secret: string, now: Date): boolean {
  try {
    const { signature } = Stripe.webhooks
    return signature?.verifyHeader(body, header, secret, TOLERANCE_SECONDS, undefined, now.getTime()) ?? false
  } catch {
    return false
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
