import type { WaitlistEntryRow } from '../../src/adapters/memory/rows.js'
import { mayPlatformsSellFreeUnits } from '../../src/channels/channel-state.js'
import { DIRECT } from '../../src/domain/channel.js'
import { allocated, unitsOf } from '../../src/domain/stock/ledger-account.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'
import { isOfferedFirst, queueOf } from './waitlist-queue.js'

/** The next check of the waitlists, a rebuild of the gate, and some lost calls, ms. */
const BOUND_MS = 60_000

/**
 * OFFER: units that become free after a sell-out or in a red alarm, those of ended offers included, are offered to the
 * first entry that they suffice for, within a bound of the time during which a process sells.
 */
export function waitlistProgressInvariant(): Invariant {
  const waitedMs = new Map<string, number>()
  let checkedAt: number | null = null
  return (world) => {
    const now = world.time.ms()
    const passed = checkedAt === null ? 0 : now - checkedAt
    checkedAt = now
    const next = world.events.flatMap(({ id }) => nextToOffer(world, id) ?? [])
    for (const id of waitedMs.keys()) if (!next.some((entry) => entry.id === id)) waitedMs.delete(id)
    if (!doesAnySell(world)) return []
    return next.flatMap(({ id, quantity }) => {
      const total = (waitedMs.get(id) ?? 0) + passed
      waitedMs.set(id, total)
      if (total - passed > BOUND_MS || total <= BOUND_MS) return []
      return [violation('OFFER', `entry ${id} for ${quantity} has no offer after ${total} ms with enough free units`)]
    })
  }
}

/** Null: none, or the event offers nothing automatically now. */
function nextToOffer(world: World, eventId: string): WaitlistEntryRow | null {
  if (!isOfferedFirst(world, eventId)) return null
  const units = automaticUnits(world, eventId)
  return queueOf(world, eventId).find(({ quantity }) => quantity <= units) ?? null
}

/** Free units that automatic offers may use when they are not on sale to everyone; 0 for an event that makes none. */
export function automaticUnits(world: World, eventId: string): number {
  const { database } = world
  const event = database.events.get(null, eventId)
  if (!event || event.waitlistPolicy !== 'AUTOMATIC' || (event.pausedSince ?? event.closedSince)) return 0
  const balances = world.balancesOf(eventId)
  const channels = database.channels.whereKey(null, 'eventId', eventId)
  const isKept = event.redAlarmSince !== null || mayPlatformsSellFreeUnits(channels, balances)
  const unallocated = isKept ? 0 : balances.UNALLOCATED
  const units = unitsOf(balances, allocated(DIRECT)) + unallocated
  const seats = event.seatCount === 0 ? units : event.seatCount - seatsTaken(world, eventId)
  return Math.min(units, seats)
}

function seatsTaken({ database }: World, eventId: string): number {
  return database.seatClaims.where(null, (claim) => claim.eventId === eventId).length
}

function doesAnySell({ processes, databaseConditions, redisConditions }: World): boolean {
  return processes
    .ready()
    .some(
      ({ slot, mode, state }) =>
        mode === 'NORMAL' &&
        state.outOfService === null &&
        databaseConditions.of(slot) === null &&
        redisConditions.of(slot) === null,
    )
}
