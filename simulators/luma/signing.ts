import { createHmac } from 'node:crypto'
import type { LumaToggles } from './toggles.js'

/** The headers of one attempt: the id is the same for every retry, time and signature are new. `at` is in ms. */
export function signedHeaders(
  style: LumaToggles['signatureStyle'],
  secrets: readonly string[],
  delivery: { id: string; at: number; body: string },
): Record<string, string> {
  const { id, at, body } = delivery
  const timestamp = Math.floor(at / 1_000)
  const headers = { 'Webhook-Id': id, 'Webhook-Timestamp': String(timestamp) }
  if (style === 'none') return headers
  if (style === 'luma') {
    const signatures = secrets.map((secret) => `v1=${hmac(secret, `${timestamp}.${body}`).toString('hex')}`)
    return { ...headers, 'Webhook-Signature': [`t=${timestamp}`, ...signatures].join(',') }
  }
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${hmac(key, `${id}.${timestamp}.${body}`).toString('base64')}`
  })
  return { ...headers, 'Webhook-Signature': signatures.join(' ') }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
