import { Stripe } from 'stripe'
import { parseJson } from '../../infrastructure/text/parse-json.js'
import type { DisputeState } from '../providers/payment-provider.js'
import { disputeStateOf } from './stripe-returns.js'

const TOLERANCE_SECONDS = 300

/** Charges, refunds and disputes name the PaymentIntent they belong to. */
const RETURNED_MONEY = ['charge', 'refund', 'dispute']

/** Ids are opaque, of printable characters: other text might not even be storable. */
const ID = /^[!-~]{1,255}$/

export interface StripeDelivery {
  /** The PaymentIntent that the event refers to; null for other objects. */
  reference: string | null
  /** Whether it concerns money that goes back to the buyer. */
  returned: boolean
  /** As the event reports it; null: it concerns no dispute. */
  dispute: DisputeState | null
}

/**
 * Verifies the signature over the raw bytes, then the shape. The payment's state in the event is ignored: it may be
 * stale. That of a dispute is kept until it is read, which not every key may do.
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
  const { object, id, status, payment_intent: intent } = subject
  const returned = RETURNED_MONEY.includes(String(object)) && /^(charge\.(refund|dispute)|refund\.)/.test(event['type'])
  const reference = returned ? intent : object === 'payment_intent' ? id : null
  const dispute = returned && object === 'dispute' && typeof status === 'string' ? disputeStateOf(status) : null
  return { reference: typeof reference === 'string' && ID.test(reference) ? reference : null, returned, dispute }
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
