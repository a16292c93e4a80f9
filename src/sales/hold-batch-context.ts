import { isStaff } from '../accounts/authenticated-user.js'
import { channelStateOf } from '../channels/channel-state.js'
import { hasUncoveredChannel } from '../domain/follow-exposure.js'
import { LIVE_HOLD_STATES } from '../domain/hold.js'
import type { Event, Hold } from '../generated/prisma/client.js'
import type { LockedEvent, Transaction } from '../inventory/ledger.js'
import type { HoldRequest } from './hold-request.js'
import { seatsAsked, type SeatFinding } from './seat-claims.js'

/** What a batch of wishes for holds meets under the event's lock; grows with every wish that is granted. */
export interface HoldBatchContext {
  event: Event
  now: Date
  /** Holds that have a key which is asked for, by `keyOf`. */
  keys: Map<string, Hold>
  /** Units in live holds per customer, where there is a limit. */
  held: Map<string, number>
  seats: Map<string, SeatFinding>
  /** Granted under a key in this batch, by `keyOf`. */
  granted: Map<string, HoldRequest>
  /** A platform can sell more than is kept for it, be it because its cap is not known yet. */
  uncovered: boolean
}

export const keyOf = (ownerId: string, key: string): string => `${ownerId} ${key}`

export async function loadHoldBatchContext(
  { prisma, balances }: LockedEvent,
  eventId: string,
  requests: readonly HoldRequest[],
  now: Date,
): Promise<HoldBatchContext> {
  const { channels, ...event } = await prisma.event.findUniqueOrThrow({
    where: { id: eventId },
    include: { channels: true },
  })
  const keyed = requests.filter(({ repeatable }) => repeatable)
  return {
    event,
    now,
    keys: await holdsByKey(prisma, eventId, keyed),
    held: event.maxHeldPerCustomer === null ? new Map() : await heldByCustomer(prisma, eventId, requests),
    seats: await seatsAsked(prisma, eventId, unique(requests.flatMap(({ seats }) => seats))),
    granted: new Map(),
    uncovered: hasUncoveredChannel(
      balances,
      channels.map((channel) => channelStateOf(channel, balances)),
    ),
  }
}

async function holdsByKey(tx: Transaction, eventId: string, keyed: readonly HoldRequest[]) {
  if (keyed.length === 0) return new Map<string, Hold>()
  const accountId = { in: unique(keyed.map(({ owner }) => owner.id)) }
  const idempotencyKey = { in: unique(keyed.flatMap(({ repeatable }) => (repeatable ? [repeatable.key] : []))) }
  const holds = await tx.hold.findMany({ where: { eventId, accountId, idempotencyKey } })
  return new Map(holds.map((hold) => [keyOf(hold.accountId ?? '', hold.idempotencyKey ?? ''), hold]))
}

async function heldByCustomer(tx: Transaction, eventId: string, requests: readonly HoldRequest[]) {
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
