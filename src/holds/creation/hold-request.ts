import { createHash } from 'node:crypto'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import type { HoldSource } from '../../domain/hold.js'
import type { Hold } from '../../domain/hold-record.js'
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

export interface Idempotency {
  key: string
  /** Of the request's content; a different hash under the same key is a conflict. */
  hash: string
}

const KEY_TTL_MS = 86_400_000

export function isKeyExpired(hold: Pick<Hold, 'createdAt'>, now: Date): boolean {
  return now.getTime() - hold.createdAt.getTime() >= KEY_TTL_MS
}

export function requestHash(content: Pick<HoldRequest, 'source' | 'quantity' | 'seats'>, ttlSeconds?: number): string {
  const { source, quantity, seats } = content
  return sha256([source, quantity, seats.toSorted(), ttlSeconds ?? null])
}

/** `previous`: the hold that used the key before it expired. */
export function holdId(
  eventId: string,
  ownerId: string,
  idempotency: Idempotency | null,
  previous: string | null,
): string {
  if (!idempotency) return newId('hld')
  return `hld_${sha256([eventId, ownerId, idempotency.key, idempotency.hash, previous]).slice(0, 32)}`
}

function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
