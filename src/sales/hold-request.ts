import { createHash } from 'node:crypto'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import type { HoldSource } from '../domain/hold.js'
import type { Hold } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'

/** A wish for a hold, checked for shape. */
export interface HoldRequest {
  /** The same for repeats under one idempotency key, so that the gate and the ledger know a repeat as one. */
  id: string
  owner: AuthenticatedUser
  source: HoldSource
  quantity: number
  /** As many as the quantity, or none. */
  seats: readonly string[]
  ttlSeconds: number
  repeatable: Repeatable | null
}

export interface Repeatable {
  key: string
  /** Of what was asked for; another hash under the same key is a conflict. */
  hash: string
}

const KEY_KEPT_MS = 86_400_000

export function isForgotten(hold: Pick<Hold, 'createdAt'>, now: Date): boolean {
  return now.getTime() - hold.createdAt.getTime() >= KEY_KEPT_MS
}

export function requestHash(asked: Pick<HoldRequest, 'source' | 'quantity' | 'seats'>, ttlSeconds?: number): string {
  const { source, quantity, seats } = asked
  return sha256([source, quantity, seats.toSorted(), ttlSeconds ?? null])
}

/** `previous`: a hold that had the key before it was given up. */
export function holdId(
  eventId: string,
  ownerId: string,
  repeatable: Repeatable | null,
  previous: string | null,
): string {
  if (!repeatable) return newId('hld')
  return `hld_${sha256([eventId, ownerId, repeatable.key, repeatable.hash, previous]).slice(0, 32)}`
}

function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
