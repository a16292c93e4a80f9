import { isStaff } from '../../accounts/authenticated-user.js'
import type { AuditService } from '../../accounts/audit.service.js'
import {
  IdempotencyConflict,
  NotFound,
  SeatTaken,
  SoldOut,
  StateConflict,
  ValidationFailed,
} from '../../domain/errors.js'
import { holdAccounts, originOf } from '../../domain/hold.js'
import type { Movement } from '../../domain/stock/posting.js'
import type { Hold } from '../../domain/hold-record.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import type { StockGroup } from '../../stock/stock-group.js'
import type { PostRequest } from '../../stock/stock-transaction.js'
import type { ItemResult } from '../../stock/batching/event-batch-queue.js'
import { isKeyExpired } from '../../infrastructure/http/requests/idempotency.js'
import type { HoldRequest } from './hold-request.js'
import {
  keyOf,
  loadHoldBatchContexts,
  type HoldBatchContext,
  type HoldBatchStores,
  type HoldRequests,
} from './hold-batch-context.js'
import { saleConflict } from '../../domain/sale-conflict.js'

export interface CreatedHold {
  hold: Hold
  /** True: an earlier request with the same idempotency key created it. */
  repeated: boolean
}

const UNCOVERED_MESSAGE =
  'A platform has not confirmed its limit yet. Until then only tickets allocated to direct sales can be held.'

type Plan =
  | { kind: 'DECIDED'; result: ItemResult<CreatedHold> }
  | { kind: 'CREATE'; request: HoldRequest; post: PostRequest }
  /** Duplicates an earlier request of this batch: same key, same content. */
  | { kind: 'DUPLICATE'; holdId: string }

export interface HoldBatchParts extends HoldBatchStores {
  audit: AuditService
}

/** The requests for one event, as far as they are processed. */
interface Batch {
  context: HoldBatchContext
  plans: readonly Plan[]
  /** The created holds, by id. */
  holds: ReadonlyMap<string, Hold>
}

/**
 * Processes hold requests for events that are locked; the stock gates make the final decision on stock. Nothing is done for
 * an event that is missing in the result.
 */
export async function createHolds(
  group: StockGroup,
  requests: HoldRequests,
  { now, ...parts }: HoldBatchParts & { now: Date },
): Promise<Map<string, ItemResult<CreatedHold>[]>> {
  if (requests.size === 0) return new Map()
  const contexts = await loadHoldBatchContexts(group, requests, now, parts)
  const planned = [...contexts].map(([eventId, context]) => {
    const plans = (requests.get(eventId) ?? []).map((request) => planHold(request, context))
    return { context, plans, creations: plans.filter((plan) => plan.kind === 'CREATE') }
  })
  const posts = planned.map(({ context, creations }) => [context.event.id, creations.map(({ post }) => post)] as const)
  const postedByEvent = await group.postAll(new Map(posts))
  const batches = planned.flatMap(({ context, plans, creations }): Batch[] => {
    const posted = postedByEvent.get(context.event.id)
    if (!posted) return []
    const created = creations.flatMap(({ request }, index) => {
      const movements = posted[index]
      return movements ? [[request.id, holdOf(context, request, movements)] as const] : []
    })
    return [{ context, plans, holds: new Map(created) }]
  })
  await writeHolds(group.transaction, batches, parts)
  return new Map(
    batches.map(({ context, plans, holds }) => [context.event.id, plans.map((plan) => resultOf(plan, holds, context))]),
  )
}

function planHold(request: HoldRequest, context: HoldBatchContext): Plan {
  const { owner, idempotency, id, seats, quantity } = request
  const key = idempotency && keyOf(owner.id, idempotency.key)
  const existing = key ? context.holdsByKey.get(key) : undefined
  if (existing && !isKeyExpired(existing, context.now)) {
    if (existing.requestHash !== idempotency?.hash) return rejected(keyConflict())
    return { kind: 'DECIDED', result: { value: { hold: existing, repeated: true } } }
  }
  const duplicate = key ? context.grantedByKey.get(key) : undefined
  if (duplicate) return duplicate.id === id ? { kind: 'DUPLICATE', holdId: id } : rejected(keyConflict())
  const error = rejectionOf(request, context)
  if (error) return rejected(error)
  if (key) context.grantedByKey.set(key, request)
  for (const seat of seats) context.seats.set(seat, 'TAKEN')
  context.unitsByCustomer.set(owner.id, (context.unitsByCustomer.get(owner.id) ?? 0) + quantity)
  return { kind: 'CREATE', request, post: postRequestOf(request, context) }
}

function rejectionOf(
  { owner, quantity, seats, source }: HoldRequest,
  { event, unitsByCustomer, seats: availability, now }: HoldBatchContext,
) {
  const conflict = saleConflict(event, isStaff(owner) ? 'STAFF' : 'CUSTOMER', now)
  if (conflict) return conflict
  if (event.seatCount > 0 && source === 'DIRECT' && seats.length === 0) {
    return ValidationFailed.of('seats', 'must list the seats: this event has reserved seating')
  }
  const unknown = seats.find((seat) => availability.get(seat) === 'UNKNOWN')
  if (unknown !== undefined) return new NotFound(`There is no seat ${unknown}.`)
  const taken = seats.filter((seat) => availability.get(seat) === 'TAKEN')
  if (taken.length > 0) return new SeatTaken(`These seats are taken: ${taken.join(', ')}.`)
  const limit = isStaff(owner) ? null : event.maxHeldPerCustomer
  const current = unitsByCustomer.get(owner.id) ?? 0
  return limit === null || current + quantity <= limit ? null : limitExceeded(limit, current)
}

/**
 * After the red alarm customers can still hold the direct channel's allocation, which no platform can sell; unallocated
 * units, cancelled tickets included, are then for staff only. While a platform's exposure exceeds its allocation,
 * unallocated units cannot be held at all: that platform could sell them.
 */
function postRequestOf(
  { id, owner, source, quantity }: HoldRequest,
  { event, uncovered }: HoldBatchContext,
): PostRequest {
  const staff = isStaff(owner)
  return {
    id: `hold:${id}:taken`,
    postings: [
      {
        quantity,
        sources: holdAccounts(source, !uncovered && (staff || event.redAlarmSince === null)),
        destination: 'HELD',
      },
    ],
    reason: source === 'SAFETY_STOCK' ? 'held from the safety stock' : 'held',
    ...(staff ? { actor: owner.email, operatorId: owner.id } : { actor: owner.id }),
    onInsufficient: 'skip',
  }
}

function holdOf({ event, now }: HoldBatchContext, request: HoldRequest, movements: readonly Movement[]): Hold {
  const { id, owner, source, quantity, seats, ttlSeconds, idempotency } = request
  return {
    id,
    eventId: event.id,
    accountId: owner.id,
    state: 'HELD',
    source,
    quantity,
    priceCents: event.priceCents ?? 0,
    ...originOf(movements),
    seats: [...seats],
    expiresAt: new Date(now.getTime() + ttlSeconds * 1000),
    createdAt: now,
    settledAt: null,
    orderId: null,
    idempotencyKey: idempotency?.key ?? null,
    requestHash: idempotency?.hash ?? null,
  }
}

async function writeHolds(
  transaction: DatabaseTransaction,
  all: readonly Batch[],
  { holds: rows, seats: claims, audit }: HoldBatchParts,
): Promise<void> {
  const batches = all.filter(({ holds }) => holds.size > 0)
  const expiredKeys = batches.flatMap(({ context: { holdsByKey, now } }) =>
    [...holdsByKey.values()].filter((hold) => isKeyExpired(hold, now)).map(({ id }) => id),
  )
  await rows.removeKeys(transaction, expiredKeys)
  await rows.insert(
    transaction,
    batches.flatMap(({ holds }) => [...holds.values()]),
  )
  for (const { context, plans, holds } of batches) {
    await claims.claim(transaction, context.event.id, [...holds.values()])
    for (const plan of plans) {
      const hold = plan.kind === 'CREATE' ? holds.get(plan.request.id) : undefined
      if (plan.kind !== 'CREATE' || !hold || !isStaff(plan.request.owner)) continue
      const { quantity, source, seats, expiresAt } = hold
      const taken = { quantity, source, seats, expiresAt }
      await audit.record(hold.accountId, 'hold.take', hold.id, null, taken, transaction)
    }
  }
}

function resultOf(
  plan: Plan,
  holds: ReadonlyMap<string, Hold>,
  { uncovered }: HoldBatchContext,
): ItemResult<CreatedHold> {
  if (plan.kind === 'DECIDED') return plan.result
  const hold = holds.get(plan.kind === 'CREATE' ? plan.request.id : plan.holdId)
  if (!hold) return { error: new SoldOut(uncovered ? UNCOVERED_MESSAGE : 'Not enough tickets are left.') }
  return { value: { hold, repeated: plan.kind === 'DUPLICATE' } }
}

function rejected(error: Error): Plan {
  return { kind: 'DECIDED', result: { error } }
}

function limitExceeded(limit: number, current: number): StateConflict {
  const rule = `A customer can have at most ${limit === 1 ? 'one ticket' : `${limit} tickets`} for this event`
  return new StateConflict(current === 0 ? `${rule}.` : `${rule}, and you hold or have bought ${current}.`)
}

function keyConflict(): IdempotencyConflict {
  return new IdempotencyConflict('This Idempotency-Key was used with a different request.')
}
