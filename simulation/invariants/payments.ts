import type { HoldRow, PaymentRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

/**
 * Money is received exactly for tickets: what has a price is sold only when the provider has received the amount and has
 * not refunded it, what is refunded is not sold, and a refund is recorded once it is final. Of an order that staff have
 * cancelled the amount is refunded if they requested that, otherwise it stays received.
 */
export const paymentInvariant: Invariant = (world) => {
  const { holds, payments } = world.database
  const soldFor = new Map<string, PaymentRow>()
  for (const payment of payments.where(null)) {
    if (payment.state === 'SUCCEEDED') soldFor.set(payment.replacementHoldId ?? payment.holdId, payment)
  }
  const unpaid = holds.where(null, (hold) => {
    if (hold.state !== 'CONFIRMED' || hold.priceCents === 0 || mayBeRefunded(world, hold)) return false
    return !isPaid(world, soldFor.get(hold.id), hold.priceCents * hold.quantity)
  })
  return [
    ...unpaid.map(({ id }) => violation('MONEY', `hold ${id} is sold, and its price is not received`)),
    ...payments.where(null).flatMap((payment) => refundProblem(world, payment)),
  ]
}

/** What must hold at the end: each amount was received for tickets, or it was refunded or not received. */
export function unsettledPayments(world: World): string[] {
  return world.database.payments.where(null).flatMap((payment) => {
    const { id, holdId, state } = payment
    const intent = world.payments.byKey(holdId)
    if (state === 'SUCCEEDED' && isRefundPromised(world, payment)) return [`payment ${id} is not refunded, as promised`]
    const received = intent?.state === 'PAID' && intent.refund === null
    if (state === 'PENDING' || state === 'REFUND_DUE') return [`payment ${id} is ${state}`]
    if (received === (state === 'SUCCEEDED')) return []
    return [`payment ${id} is ${state}, and its amount is ${received ? '' : 'not '}received`]
  })
}

/** Its order is cancelled, and a refund was requested. */
function mayBeRefunded({ direct }: World, hold: HoldRow): boolean {
  return direct.isCancelled(hold) && direct.cancellationOf(hold.orderId ?? '')?.refundRequested === true
}

/** A request to cancel its order with a refund has been responded to. */
function isRefundPromised({ database, direct }: World, { replacementHoldId, holdId }: PaymentRow): boolean {
  const orderId = database.holds.get(null, replacementHoldId ?? holdId)?.orderId
  return direct.cancellationOf(orderId ?? '')?.refundDone === true
}

function isPaid({ payments }: World, payment: PaymentRow | undefined, amount: number): boolean {
  const intent = payment && payments.byKey(payment.holdId)
  return intent?.state === 'PAID' && intent.refund === null && intent.amount === amount
}

function refundProblem(world: World, { id, holdId, state }: PaymentRow): Violation[] {
  const refund = world.payments.byKey(holdId)?.refund ?? null
  if (state === 'REFUNDED' && refund !== 'SUCCEEDED')
    return [violation('MONEY', `payment ${id} is REFUNDED, and its refund is not final`)]
  if (refund === null || state === 'REFUND_DUE' || state === 'REFUNDED') return []
  return [violation('MONEY', `payment ${id} is refunded, and is ${state}`)]
}
