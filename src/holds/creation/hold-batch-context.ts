import { eventWithChannels } from '../../infrastructure/prisma/channel-rows.js'
import { isStaff } from '../../accounts/authenticated-user.js'
import { mayPlatformsSellFreeUnits } from '../../channels/channel-state.js'
import { LIVE_HOLD_STATES } from '../../domain/hold.js'
import type { Event, Hold } from '../../generated/prisma/client.js'
import type { LockedEvent } from '../../stock/ledger.js'
import { prismaOf, type Transaction } from '../../infrastructure/prisma/transaction.js'
import type { HoldRequest } from './hold-request.js'
import { requestedSeats, type SeatAvailability } from '../../seats/seat-claims.js'

/** State that a batch of hold requests is checked against, under the event's lock. Every granted request updates it. */
export interface HoldBatchContext {
  event: Event
  now: Date
  /** Existing holds with a key that the batch uses, by `keyOf`. */
  holdsByKey: Map<string, Hold>
  /** Units in live holds per customer; empty for an event without a limit. */
  heldByCustomer: Map<string, number>
  seats: Map<string, SeatAvailability>
  /** Requests of this batch granted under a key, by `keyOf`. */
  grantedByKey: Map<string, HoldRequest>
  /** A platform's exposure exceeds its allocation, or its cap is not known yet. */
  uncovered: boolean
}

export const keyOf = (ownerId: string, key: string): string => `${ownerId} ${key}`

export async function loadHoldBatchContext(
  locked: LockedEvent,
  eventId: string,
  requests: readonly HoldRequest[],
  now: Date,
): Promise<HoldBatchContext> {
  const prisma = prismaOf(locked)
  const { balances } = locked
  const { channels, ...event } = await eventWithChannels(prisma, eventId)
  const keyed = requests.filter(({ idempotency }) => idempotency)
  return {
    event,
    now,
    holdsByKey: await loadHoldsByKey(prisma, eventId, keyed),
    heldByCustomer: event.maxHeldPerCustomer === null ? new Map() : await loadHeldByCustomer(prisma, eventId, requests),
    seats: await requestedSeats(prisma, eventId, unique(requests.flatMap(({ seats }) => seats))),
    grantedByKey: new Map(),
    uncovered: mayPlatformsSellFreeUnits(channels, balances),
  }
}

async function loadHoldsByKey(tx: Transaction, eventId: string, keyed: readonly HoldRequest[]) {
  if (keyed.length === 0) return new Map<string, Hold>()
  const accountId = { in: unique(keyed.map(({ owner }) => owner.id)) }
  const idempotencyKey = { in: unique(keyed.flatMap(({ idempotency }) => (idempotency ? [idempotency.key] : []))) }
  const holds = await tx.hold.findMany({ where: { eventId, accountId, idempotencyKey } })
  return new Map(holds.map((hold) => [keyOf(hold.accountId ?? '', hold.idempotencyKey ?? ''), hold]))
}

async function loadHeldByCustomer(tx: Transaction, eventId: string, requests: readonly HoldRequest[]) {
  const customers = unique(requests.filter(({ owner }) => !isStaff(owner)).map(({ owner }) => owner.id))
  if (customers.length === 0) return new Map<string, number>()
  const sums = await tx.hold.groupBy({
    by: ['accountId'],
    where: { eventId, accountId: { in: customers }, state: { in: [...LIVE_HOLD_STATES] } },
    _sum: { quantity: true },
  })
  return new Map(sums.map(({ accountId, _sum }) => [accountId ?? '', _sum.quantity ?? 0]))
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
