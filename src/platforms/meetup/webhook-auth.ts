import { isUtf8 } from 'node:buffer'
import type { Webhook } from 'standardwebhooks'
import { headersOf, isSameSecret, signedAt } from '../kit/delivery-auth.js'
import type { Authenticity, Delivery } from '../port.js'

const MAX_SIGNATURES = 20

/** Checks a delivery's Standard Webhooks headers against every secret in use. */
export function authenticate(secrets: readonly Webhook[], delivery: Delivery, now: Date): Authenticity {
  const headers = headersOf(delivery)
  const id = headers.get('webhook-id')
  const sentAt = signedAt(headers.get('webhook-timestamp'), now)
  const signatures = headers.get('webhook-signature')?.split(' ').slice(0, MAX_SIGNATURES) ?? []
  if (!id || sentAt === null) return 'FORGED'
  // The body is signed as text, which would make different invalid byte sequences equal.
  if (!isUtf8(delivery.body)) return 'FORGED'
  const expected = secrets.map((secret) => secret.sign(id, sentAt, delivery.body.toString()))
  const matches = expected.filter((right) => signatures.some((given) => isSameSecret(given, right)))
  return matches.length > 0 ? 'AUTHENTIC' : 'FORGED'
}
