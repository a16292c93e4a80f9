import { isSameSecret } from '../../../infrastructure/same-secret.js'
import type { Authenticity, Delivery } from '../../port.js'

/** Eventbrite does not sign deliveries: only the secret segment of the path can be checked. */
export function authenticate(delivery: Delivery, webhookToken: string | null): Authenticity {
  if (!webhookToken || delivery.pathToken === null) return 'FORGED'
  return isSameSecret(delivery.pathToken, webhookToken) ? 'AUTHENTIC' : 'FORGED'
}
