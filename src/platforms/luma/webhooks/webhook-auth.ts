import { createHmac } from 'node:crypto'
import { isSameSecret } from '../../../infrastructure/same-secret.js'
import { headersOf, signedAt } from '../../kit/delivery-auth.js'
import type { Authenticity, Delivery } from '../../port.js'
import { isPing } from './webhook-delivery.js'

export type SignatureStyle = 'luma' | 'standard-webhooks'

/** More signatures than any rotation has; further ones are ignored. */
const MAX_SIGNATURES = 10
/** Standard Webhooks secrets have 24 to 64 bytes; a shorter key is a misinterpreted secret. */
const MIN_KEY_BYTES = 24

/** Checks a delivery's signature against every secret in use. */
export function authenticate(secrets: readonly string[], delivery: Delivery, now: Date): Authenticity {
  if (verifySignature(delivery, secrets, now) !== null) return 'AUTHENTIC'
  return isPing(delivery.body) ? 'PING' : 'FORGED'
}

/**
 * The style of the delivery's valid signature; null: it has none. Valid: made with one of the secrets, at most 300 s ago.
 * Luma's own style (`t=…,v1=<hex>` over `t.body`, keyed with the secret's text) is tried first, Standard Webhooks second.
 */
export function verifySignature(delivery: Delivery, secrets: readonly string[], now: Date): SignatureStyle | null {
  const headers = headersOf(delivery)
  const header = headers.get('webhook-signature') ?? ''
  if (secrets.some((secret) => isLumaSigned(header, delivery.body, secret, now))) return 'luma'
  const id = headers.get('webhook-id') ?? ''
  const sentAt = signedAt(headers.get('webhook-timestamp'), now)
  if (id === '' || sentAt === null) return null
  const signed = secrets.some((secret) => isStandardSigned(header, id, sentAt, delivery.body, secret))
  return signed ? 'standard-webhooks' : null
}

function isLumaSigned(header: string, body: Buffer, secret: string, now: Date): boolean {
  const pairs = header.split(',').map((part) => part.trim().split('=', 2))
  const stamp = pairs.find(([name]) => name === 't')?.[1]
  if (stamp === undefined || signedAt(stamp, now) === null) return false
  const expected = createHmac('sha256', secret).update(`${stamp}.`).update(body).digest('hex')
  return pairs
    .filter(([name]) => name === 'v1')
    .slice(0, MAX_SIGNATURES)
    .some(([, signature]) => isSameSecret(signature ?? '', expected))
}

function isStandardSigned(header: string, id: string, sentAt: Date, body: Buffer, secret: string): boolean {
  const signatures = header.split(' ').slice(0, MAX_SIGNATURES)
  const stamp = `${id}.${sentAt.getTime() / 1_000}.`
  return standardKeys(secret)
    .map((key) => `v1,${createHmac('sha256', key).update(stamp).update(body).digest('base64')}`)
    .some((expected) => signatures.some((signature) => isSameSecret(signature, expected)))
}

/** Senders key the HMAC with the decoded secret, as the standard requires, or with its text. */
function standardKeys(secret: string): Buffer[] {
  const base64 = secret.replace(/^whsec_/, '')
  const decoded = Buffer.from(base64, 'base64')
  // Node ignores invalid base64, so only text that survives a round trip was meant as a key.
  const isKey = decoded.length >= MIN_KEY_BYTES && decoded.toString('base64') === base64
  return [Buffer.from(secret), ...(isKey ? [decoded] : [])]
}
