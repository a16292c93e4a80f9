import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import type { HoldSource } from '../../domain/hold.js'
import { contentHash, type Idempotency } from '../../infrastructure/http/requests/idempotency.js'
import { newId } from '../../infrastructure/ids.js'

/** A request for a hold, with its shape validated. */
export interface HoldRequest {
  /** The same for every retry under one idempotency key, so that gate and ledger deduplicate retries. */
  id: string
  owner: AuthenticatedUser
  source: HoldSource
  quantity: number
  /** One per ticket, or none. */
  seats: readonly string[]
  ttlSeconds: number
  idempotency: Idempotency | null
}

/** What a retry under the same idempotency key has to repeat. */
export function contentOf(content: Pick<HoldRequest, 'source' | 'quantity' | 'seats'>, ttlSeconds?: number): unknown[] {
  const { source, quantity, seats } = content
  return [source, quantity, seats.toSorted(), ttlSeconds ?? null]
}

/** `previous`: the hold that used the key before it expired. */
export function holdId(
  eventId: string,
  ownerId: string,
  idempotency: Idempotency | null,
  previous: string | null,
): string {
  if (!idempotency) return newId('hld')
  return `hld_${contentHash([eventId, ownerId, idempotency.key, idempotency.hash, previous]).slice(0, 32)}`
}
