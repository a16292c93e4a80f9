import { createHmac } from 'node:crypto'
import type { LumaToggles } from './toggles.js'

/** The headers of one attempt: same id for every retry, a fresh time and signature for each. `at` is in ms. */
export function signedHeaders(
  style: LumaToggles['signatureStyle'],
  secrets: readonly string[],
  delivery: { id: string; at: number; body: string },
): Record<string, string> {
  const { id, at, body } = delivery
  const stamp = Math.floor(at / 1_000)
  const headers = { 'Webhook-Id': id, 'Webhook-Timestamp': String(stamp) }
  if (style === 'none') return headers
  if (style === 'luma') {
    const signatures = secrets.map((secret) => `v1=${hmac(secret, `${stamp}.${body}`).toString('hex')}`)
    return { ...headers, 'Webhook-Signature': [`t=${stamp}`, ...signatures].join(',') }
  }
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${hmac(key, `${id}.${stamp}.${body}`).toString('base64')}`
  })
  return { ...headers, 'Webhook-Signature': signatures.join(' ') }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
