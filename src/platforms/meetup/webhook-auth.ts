import { isUtf8 } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'
import type { Webhook } from 'standardwebhooks'
import type { Authenticity, Delivery } from '../port.js'

const TOLERANCE_SECONDS = 300
const MAX_SIGNATURES = 20

/** Checks a delivery's Standard Webhooks headers against every secret in use. */
export function authenticate(secrets: readonly Webhook[], delivery: Delivery, now: Date): Authenticity {
  const headers = new Map(Object.entries(delivery.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const id = headers.get('webhook-id')
  const timestamp = headers.get('webhook-timestamp')
  const signatures = headers.get('webhook-signature')?.split(' ').slice(0, MAX_SIGNATURES) ?? []
  if (!id || !timestamp || !/^\d{1,12}$/.test(timestamp)) return 'FORGED'
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return 'FORGED'
  // The body is signed as text, which would make different invalid byte sequences equal.
  if (!isUtf8(delivery.body)) return 'FORGED'
  const expected = secrets.map((secret) =>
    secret.sign(id, new Date(Number(timestamp) * 1_000), delivery.body.toString()),
  )
  const matches = expected.filter((right) => signatures.some((given) => equal(given, right)))
  return matches.length > 0 ? 'AUTHENTIC' : 'FORGED'
}

function equal(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
