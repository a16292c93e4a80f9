import { isStaff } from '../../accounts/authenticated-user.js'
import { mayPlatformsSellFreeUnits } from '../../channels/channel-state.js'
import type { Event } from '../../domain/event-record.js'
import type { Hold } from '../../domain/hold-record.js'
import type { EventStore } from '../../stock/event-store.js'
import { EventUnknown } from '../../stock/ledger.js'
import type { StockGroup } from '../../stock/stock-group.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import type { HoldRequest } from './hold-request.js'
import type { HoldSeats, SeatAvailability } from '../hold-seats.js'
import type { HoldKey, HoldStore } from '../hold-store.js'

/** Requests by event. */
export type HoldRequests = ReadonlyMap<string, readonly HoldRequest[]>

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

/** The context of each event's requests. Each part is read once for all of them. */
export async function loadHoldBatchContexts(
  { transaction, events: locked }: Pick<StockGroup, 'transaction' | 'events'>,
  requests: HoldRequests,
  now: Date,
  { events, holds, seats }: HoldBatchStores,
): Promise<Map<string, HoldBatchContext>> {
  const rows = await events.allWithChannels(transaction, [...requests.keys()])
  const holdsByKey = await loadHoldsByKey(holds, transaction, requests)
  const unitsByCustomer = await loadUnitsByCustomer(holds, transaction, requests, rows)
  const contexts = new Map<string, HoldBatchContext>()
  for (const [eventId, own] of requests) {
    const [row, balances] = [rows.get(eventId), locked.get(eventId)?.balances]
    if (!row || !balances) throw new EventUnknown(eventId)
    const { channels, ...event } = row
    contexts.set(eventId, {
      event,
      now,
      holdsByKey: holdsByKey.get(eventId) ?? new Map(),
      unitsByCustomer: unitsByCustomer.get(eventId) ?? new Map(),
      seats: await seats.availability(transaction, eventId, unique(own.flatMap((request) => request.seats))),
      grantedByKey: new Map(),
      uncovered: mayPlatformsSellFreeUnits(channels, balances),
    })
  }
  return contexts
}

async function loadHoldsByKey(store: HoldStore, transaction: DatabaseTransaction, requests: HoldRequests) {
  const keys = new Map<string, HoldKey>()
  for (const [eventId, own] of requests)
    for (const { owner, idempotency } of own) {
      if (!idempotency) continue
      const key = { eventId, accountId: owner.id, idempotencyKey: idempotency.key }
      keys.set(`${eventId} ${keyOf(owner.id, idempotency.key)}`, key)
    }
  const holds = keys.size === 0 ? [] : await store.withKeys(transaction, [...keys.values()])
  const keyed = (hold: Hold) => [keyOf(hold.accountId ?? '', hold.idempotencyKey ?? ''), hold] as const
  return byEvent(holds, (own) => new Map(own.map(keyed)))
}

async function loadUnitsByCustomer(
  store: HoldStore,
  transaction: DatabaseTransaction,
  requests: HoldRequests,
  events: ReadonlyMap<string, Event>,
) {
  const customers = [...requests].flatMap(([eventId, own]) => {
    const isLimited = (events.get(eventId)?.maxHeldPerCustomer ?? null) !== null
    const ids = unique(own.filter(({ owner }) => isLimited && !isStaff(owner)).map(({ owner }) => owner.id))
    return ids.map((accountId) => ({ eventId, accountId }))
  })
  const counted = customers.length === 0 ? [] : await store.customerUnits(transaction, customers)
  return byEvent(counted, (own) => new Map(own.map(({ accountId, units }) => [accountId, units])))
}

function byEvent<T extends { eventId: string }, R>(items: readonly T[], collect: (own: readonly T[]) => R) {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(item.eventId, [...(groups.get(item.eventId) ?? []), item])
  return new Map([...groups].map(([eventId, own]) => [eventId, collect(own)]))
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
