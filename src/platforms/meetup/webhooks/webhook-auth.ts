import { isUtf8 } from 'node:buffer'
import { Webhook } from 'standardwebhooks'
import { isSameSecret } from '../../../infrastructure/same-secret.js'
import { headersOf, signedAt } from '../../kit/delivery-auth.js'
import type { Authenticity, Delivery } from '../../port.js'

const MAX_SIGNATURES = 20
const MIN_SECRET_BYTES = 24
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

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

/**
 * Parses the configured webhook secrets: `whsec_` and base64, several separated by commas.
 * @throws Error naming the position of an invalid secret, never the secret itself
 */
export function parseWebhookSecrets(text: string | null | undefined): Webhook[] {
  const secrets = (text ?? '').split(',').map((secret) => secret.trim())
  return secrets.filter((secret) => secret !== '').map(parseSecret)
}

function parseSecret(secret: string, index: number): Webhook {
  const key = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret
  // A decoder that skips invalid characters would derive a short key from a mistyped secret.
  const bytes = BASE64.test(key) ? Buffer.from(key, 'base64').length : 0
  if (bytes < MIN_SECRET_BYTES) {
    throw new Error(
      `Meetup webhook secret ${index + 1} must be whsec_ and the base64 of at least ${MIN_SECRET_BYTES} bytes, e.g. made by: openssl rand -base64 32`,
    )
  }
  return new Webhook(Buffer.from(key, 'base64').toString('base64'))
}
