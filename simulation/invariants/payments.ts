import type { PaymentRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

/**
 * Money is received exactly for tickets: what has a price is sold only when the provider has received the amount and has
 * not refunded it, what is refunded is not sold, and a refund is recorded once it is final.
 */
export const paymentInvariant: Invariant = (world) => {
  const { holds, payments, events } = world.database
  const soldFor = new Map<string, PaymentRow>()
  for (const payment of payments.where(null)) {
    if (payment.state === 'SUCCEEDED') soldFor.set(payment.replacementHoldId ?? payment.holdId, payment)
  }
  const unpaid = holds.where(null, (hold) => {
    const price = events.get(null, hold.eventId)?.priceCents ?? 0
    return hold.state === 'CONFIRMED' && price > 0 && !isPaid(world, soldFor.get(hold.id), price * hold.quantity)
  })
  return [
    ...unpaid.map(({ id }) => violation('MONEY', `hold ${id} is sold, and its price is not received`)),
    ...payments.where(null).flatMap((payment) => refundProblem(world, payment)),
  ]
}

/** What must hold at the end: each amount was received for tickets, or it was refunded or not received. */
export function unsettledPayments(world: World): string[] {
  return world.database.payments.where(null).flatMap(({ id, holdId, state }) => {
    const intent = world.payments.byKey(holdId)
    const received = intent?.state === 'PAID' && intent.refund === null
    if (state === 'PENDING' || state === 'REFUND_DUE') return [`payment ${id} is ${state}`]
    if (received === (state === 'SUCCEEDED')) return []
    return [`payment ${id} is ${state}, and its amount is ${received ? '' : 'not '}received`]
  })
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
