import { isStaff } from '../accounts/authenticated-user.js'
import type { AuditService } from '../accounts/audit.service.js'
import { IdempotencyConflict, NotFound, SeatTaken, SoldOut, StateConflict, ValidationFailed } from '../domain/errors.js'
import { holdAccounts, originOf } from '../domain/hold.js'
import type { Movement } from '../domain/posting.js'
import type { Hold } from '../generated/prisma/client.js'
import type { LockedEvent } from '../inventory/ledger.js'
import type { PostRequest, StockTransaction } from '../inventory/stock-transaction.js'
import type { Answer } from './event-lane.js'
import { isForgotten, type HoldRequest } from './hold-request.js'
import { insertHolds } from './hold-rows.js'
import { keyOf, loadHoldBatchContext, type HoldBatchContext } from './hold-batch-context.js'
import { saleRefusal } from './on-sale.js'
import { claimSeats } from './seat-claims.js'

export interface CreatedHold {
  hold: Hold
  /** True: it was made by an earlier request with the same idempotency key. */
  repeated: boolean
}

const UNCOVERED =
  "A platform's limit is not as it should be yet. Until then only what is set aside for the direct sale can be held."

type Plan =
  | { kind: 'ANSWER'; answer: Answer<CreatedHold> }
  | { kind: 'TAKE'; request: HoldRequest; post: PostRequest }
  /** As the earlier request of this batch with the same key and content. */
  | { kind: 'TWIN'; holdId: string }

/** Decides a batch of requests for holds under the event's lock; the gate has the last word on stock. */
export async function createHolds(
  tx: StockTransaction,
  eventId: string,
  requests: readonly HoldRequest[],
  { now, audit }: { now: Date; audit: AuditService },
): Promise<Answer<CreatedHold>[]> {
  const situation = await loadHoldBatchContext(tx, eventId, requests, now)
  const plans = requests.map((request) => planHold(request, situation))
  const takes = plans.filter((plan) => plan.kind === 'TAKE')
  const posted = await tx.postAll(takes.map(({ post }) => post))
  const holds = new Map<string, Hold>()
  takes.forEach(({ request }, index) => {
    const movements = posted[index]
    if (movements) holds.set(request.id, holdOf(eventId, request, now, movements))
  })
  await write(tx, situation, plans, holds, audit)
  return plans.map((plan) => answerOf(plan, holds, situation))
}

function planHold(request: HoldRequest, situation: HoldBatchContext): Plan {
  const { owner, repeatable, id, seats, quantity } = request
  const key = repeatable && keyOf(owner.id, repeatable.key)
  const known = key ? situation.keys.get(key) : undefined
  if (known && !isForgotten(known, situation.now)) {
    if (known.requestHash !== repeatable?.hash) return refused(keyConflict())
    return { kind: 'ANSWER', answer: { value: { hold: known, repeated: true } } }
  }
  const twin = key ? situation.granted.get(key) : undefined
  if (twin) return twin.id === id ? { kind: 'TWIN', holdId: id } : refused(keyConflict())
  const refusal = refusalOf(request, situation)
  if (refusal) return refused(refusal)
  if (key) situation.granted.set(key, request)
  for (const seat of seats) situation.seats.set(seat, 'TAKEN')
  situation.held.set(owner.id, (situation.held.get(owner.id) ?? 0) + quantity)
  return { kind: 'TAKE', request, post: postOf(request, situation) }
}

function refusalOf(
  { owner, quantity, seats, source }: HoldRequest,
  { event, held, seats: found, now }: HoldBatchContext,
) {
  const closed = saleRefusal(event, isStaff(owner) ? 'STAFF' : 'CUSTOMER', now)
  if (closed) return closed
  if (event.seatCount > 0 && source === 'DIRECT' && seats.length === 0) {
    return ValidationFailed.of('seats', 'must name the seats: this event is sold by seat')
  }
  const unknown = seats.find((seat) => found.get(seat) === 'UNKNOWN')
  if (unknown !== undefined) return new NotFound(`There is no seat ${unknown}.`)
  const taken = seats.filter((seat) => found.get(seat) === 'TAKEN')
  if (taken.length > 0) return new SeatTaken(`Taken: ${taken.join(', ')}.`)
  const most = isStaff(owner) ? null : event.maxHeldPerCustomer
  const own = held.get(owner.id) ?? 0
  if (most === null || own + quantity <= most) return null
  return new StateConflict(`At most ${most} tickets can be held at a time; you hold ${own}.`)
}

/**
 * After the red alarm customers still get what was set aside for the direct channel, which no platform can sell; what
 * belongs to no channel, cancelled tickets included, is then for staff to sell. While a platform can sell more than is
 * kept for it, nobody gets what it could sell itself.
 */
function postOf({ id, owner, source, quantity }: HoldRequest, { event, uncovered }: HoldBatchContext): PostRequest {
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
    actor: staff ? owner.email : owner.id,
    onInsufficient: 'skip',
  }
}

function holdOf(eventId: string, request: HoldRequest, now: Date, movements: readonly Movement[]): Hold {
  const { id, owner, source, quantity, seats, ttlSeconds, repeatable } = request
  return {
    id,
    eventId,
    accountId: owner.id,
    state: 'HELD',
    source,
    quantity,
    ...originOf(movements),
    seats: [...seats],
    expiresAt: new Date(now.getTime() + ttlSeconds * 1000),
    createdAt: now,
    settledAt: null,
    orderId: null,
    idempotencyKey: repeatable?.key ?? null,
    requestHash: repeatable?.hash ?? null,
  }
}

async function write(
  { prisma }: LockedEvent,
  { event, keys, now }: HoldBatchContext,
  plans: readonly Plan[],
  holds: ReadonlyMap<string, Hold>,
  audit: AuditService,
): Promise<void> {
  if (holds.size === 0) return
  const outdated = [...keys.values()].filter((hold) => isForgotten(hold, now)).map(({ id }) => id)
  if (outdated.length > 0) {
    await prisma.hold.updateMany({ where: { id: { in: outdated } }, data: { idempotencyKey: null } })
  }
  await insertHolds(prisma, [...holds.values()])
  await claimSeats(prisma, event.id, [...holds.values()])
  for (const plan of plans) {
    const hold = plan.kind === 'TAKE' ? holds.get(plan.request.id) : undefined
    if (plan.kind !== 'TAKE' || !hold || !isStaff(plan.request.owner)) continue
    const { quantity, source, seats, expiresAt } = hold
    await audit.record(hold.accountId, 'hold.take', hold.id, null, { quantity, source, seats, expiresAt }, prisma)
  }
}

function answerOf(plan: Plan, holds: ReadonlyMap<string, Hold>, { uncovered }: HoldBatchContext): Answer<CreatedHold> {
  if (plan.kind === 'ANSWER') return plan.answer
  const hold = holds.get(plan.kind === 'TAKE' ? plan.request.id : plan.holdId)
  if (!hold) return { error: new SoldOut(uncovered ? UNCOVERED : 'Not as many tickets are left.') }
  return { value: { hold, repeated: plan.kind === 'TWIN' } }
}

function refused(error: Error): Plan {
  return { kind: 'ANSWER', answer: { error } }
}

function keyConflict(): IdempotencyConflict {
  return new IdempotencyConflict('This Idempotency-Key came with another request.')
}
