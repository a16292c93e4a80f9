import type { MovementRow } from '../../src/adapters/memory/rows.js'
import { capacityOf, emptyBalances, sold, soldTotal, type Balances } from '../../src/domain/stock/ledger-account.js'
import { replay } from '../../src/domain/stock/posting.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** A guest may be moved this long after the decision: the process may be paused in between, and the call lands late, ms. */
const DECIDED_WITHIN_MS = 180_000

/** What the ledger has sold beyond the capacity, as of an instant. */
interface Excess {
  tickets: number
  fromMs: number
}

/**
 * VOID: guests are moved to Luma's waitlist only while the ledger has sold more than the capacity, and no more of them than
 * exceed it: until a cancellation is recorded, those moved before count.
 */
export function voidedExcessInvariant(): Invariant {
  let checked = 0
  const balances = new Map<string, Balances>()
  const excesses = new Map<string, Excess[]>()
  /** Tickets of each listing's orders. */
  const ticketsOf = new Map<string, Map<string, number>>()
  /** Of each channel, since its last recorded cancellation. */
  const voided = new Map<string, number>()
  return (world) => {
    const now = world.time.ms()
    const movements = world.database.movements.where(null)
    const recent = movements.slice(checked)
    checked = movements.length
    for (const { eventId, ...movement } of recent) {
      const after = replay(balances.get(eventId) ?? emptyBalances(), [movement])
      balances.set(eventId, after)
      const known = excesses.get(eventId) ?? []
      const tickets = Math.max(0, soldTotal(after) - capacityOf(after))
      if (known.at(-1)?.tickets !== tickets) excesses.set(eventId, [...known, { tickets, fromMs: now }])
    }
    return world.listings.flatMap((listing) => {
      const { channelId, eventId } = listing
      if (recent.some((movement) => leaves(movement, channelId))) voided.delete(channelId)
      const orders = new Map(world.truthOf(listing).orders.map(({ orderId, tickets }) => [orderId, tickets]))
      const before = ticketsOf.get(channelId) ?? new Map<string, number>()
      ticketsOf.set(channelId, orders)
      const moved = [...before].filter(
        ([id, tickets]) => tickets > 0 && orders.get(id) === 0 && isMoved(world, listing, id),
      )
      if (moved.length === 0) return []
      const total = moved.reduce((sum, [, tickets]) => sum + tickets, voided.get(channelId) ?? 0)
      voided.set(channelId, total)
      const excess = largestSince(excesses.get(eventId) ?? [], now - DECIDED_WITHIN_MS)
      if (total <= excess) return []
      return [
        violation('VOID', `${total} tickets of ${channelId} are voided, ${excess} exceed the capacity of ${eventId}`),
      ]
    })
  }
}

const leaves = ({ from }: MovementRow, channelId: string) => from === sold({ id: channelId })

/** By the service: buyers and organizers of the simulation cancel. */
function isMoved({ platforms }: World, { platform, ref }: WorldListing, orderId: string): boolean {
  if (platform !== 'LUMA') return false
  return platforms.luma.control.guests(ref.eventId).some(({ id, status }) => id === orderId && status === 'waitlist')
}

/** Each value was in force until the next one. */
function largestSince(excesses: readonly Excess[], sinceMs: number): number {
  const inForce = excesses.filter((_, index) => (excesses[index + 1]?.fromMs ?? Infinity) >= sinceMs)
  return Math.max(0, ...inForce.map(({ tickets }) => tickets))
}
