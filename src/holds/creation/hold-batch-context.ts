import { isStaff } from '../../accounts/authenticated-user.js'
import { mayPlatformsSellFreeUnits } from '../../channels/channel-state.js'
import type { Event } from '../../domain/event-record.js'
import type { Hold } from '../../domain/hold-record.js'
import type { EventStore } from '../../stock/event-store.js'
import type { LockedEvent } from '../../stock/ledger.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import type { HoldRequest } from './hold-request.js'
import type { HoldSeats, SeatAvailability } from '../hold-seats.js'
import type { HoldStore } from '../hold-store.js'

/** State that a batch of hold requests is checked against, under the event's lock. Every granted request updates it. */
export interface HoldBatchContext {
  event: Event
  now: Date
  /** Existing holds with a key that the batch uses, by `keyOf`. */
  holdsByKey: Map<string, Hold>
  /** Units that each customer holds or has bought; empty for an event without a limit. */
  unitsByCustomer: Map<string, number>
  seats: Map<string, SeatAvailability>
  /** Requests of this batch granted under a key, by `keyOf`. */
  grantedByKey: Map<string, HoldRequest>
  /** A platform's exposure exceeds its allocation, or its cap is not known yet. */
  uncovered: boolean
}

/** Where the state of a batch is read and written. */
export interface HoldBatchStores {
  events: EventStore
  holds: HoldStore
  seats: HoldSeats
}

export const keyOf = (ownerId: string, key: string): string => `${ownerId} ${key}`

export async function loadHoldBatchContext(
  locked: LockedEvent,
  eventId: string,
  requests: readonly HoldRequest[],
  now: Date,
  { events, holds, seats }: HoldBatchStores,
): Promise<HoldBatchContext> {
  const { balances, transaction } = locked
  const { channels, ...event } = await events.withChannels(transaction, eventId)
  const keyed = requests.filter(({ idempotency }) => idempotency)
  return {
    event,
    now,
    holdsByKey: await loadHoldsByKey(holds, transaction, eventId, keyed),
    unitsByCustomer:
      event.maxHeldPerCustomer === null ? new Map() : await loadUnitsByCustomer(holds, transaction, eventId, requests),
    seats: await seats.availability(transaction, eventId, unique(requests.flatMap((request) => request.seats))),
    grantedByKey: new Map(),
    uncovered: mayPlatformsSellFreeUnits(channels, balances),
  }
}

async function loadHoldsByKey(
  store: HoldStore,
  transaction: DatabaseTransaction,
  eventId: string,
  keyed: readonly HoldRequest[],
) {
  if (keyed.length === 0) return new Map<string, Hold>()
  const accountIds = unique(keyed.map(({ owner }) => owner.id))
  const keys = unique(keyed.flatMap(({ idempotency }) => (idempotency ? [idempotency.key] : [])))
  const holds = await store.withKeys(transaction, eventId, accountIds, keys)
  return new Map(holds.map((hold) => [keyOf(hold.accountId ?? '', hold.idempotencyKey ?? ''), hold]))
}

async function loadUnitsByCustomer(
  store: HoldStore,
  transaction: DatabaseTransaction,
  eventId: string,
  requests: readonly HoldRequest[],
) {
  const customers = unique(requests.filter(({ owner }) => !isStaff(owner)).map(({ owner }) => owner.id))
  return customers.length === 0 ? new Map<string, number>() : store.customerUnits(transaction, eventId, customers)
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
