import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authenticity, Delivery } from '../port.js'

/** Eventbrite does not sign deliveries: only the secret segment of the path can be checked. */
export function authenticate(delivery: Delivery, webhookToken: string | null): Authenticity {
  if (!webhookToken || delivery.pathToken === null) return 'FORGED'
  return timingSafeEqual(digest(delivery.pathToken), digest(webhookToken)) ? 'AUTHENTIC' : 'FORGED'
}

// Digests have the same length, so the comparison does not reveal the length of the secret.
function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
