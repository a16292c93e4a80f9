import fc, { type Arbitrary, type AsyncCommand } from 'fast-check'
import { expect } from 'vitest'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { BUYER, type Sales } from '../fixtures/sales.js'
import { SLOW_METHOD, type Intent, type StripeServer } from '../servers/stripe.js'
import { command, pick, statusOf, times } from './model-run.js'
import type { Fault, Method, ModelPayment, ModelPurchase, PaymentsModel } from './payment-model.js'

/** The service under test and the provider. */
export interface RealPayments {
  sales: Sales
  stripe: StripeServer
  eventId: string
}

export type PaymentCommand = AsyncCommand<PaymentsModel, RealPayments>

const TOKENS: Record<Method, string> = { GOOD: 'pm_card_visa', DECLINED: 'pm_card_chargeDeclined', SLOW: SLOW_METHOD }
const CALLS: Record<Fault['at'], RegExp> = { prepare: /payment_intents$/, confirm: /confirm$/, refund: /refunds$/ }
/** Of every hold. */
export const TTL_SECONDS = 60

/** The intent of a purchase; null if there is none. */
export function intentOf(stripe: StripeServer, { id }: ModelPurchase): Intent | null {
  const exists = [...stripe.intents.values()].some(({ metadata }) => metadata['holdId'] === id)
  return exists ? stripe.intentOf(id) : null
}

const hold = (quantity: number): PaymentCommand =>
  command(`hold(${quantity})`, async (model, { sales, eventId }) => {
    const response = await sales.hold(eventId, { quantity, ttlSeconds: TTL_SECONDS })
    const isEnough = model.stock.direct >= quantity
    expect(statusOf(response)).toBe(isEnough ? '201' : '409 SOLD_OUT')
    if (isEnough) model.hold(response.body.id, quantity, TTL_SECONDS)
  })

function pay(index: number, method: Method | null, copies: number): PaymentCommand {
  return ofPurchase(`pay(${index}, ${method}, ${copies} ×)`, index, async (purchase, model, { sales }) => {
    model.expireIfOverdue(purchase)
    const isUnpaid = purchase.state === 'HELD' && method === null
    if (purchase.state === 'HELD' && method !== null) model.startPayment(purchase, method)
    const body = { buyer: BUYER, ...(method === null ? {} : { payment: { token: TOKENS[method] } }) }
    const responses = await Promise.all(times(copies, () => sales.confirm(purchase.id, { body })))
    const expected = isUnpaid ? '400 VALIDATION_FAILED' : CHECKOUT_STATUS[purchase.state]
    expect(responses.map(statusOf)).toEqual(times(copies, () => expected))
    for (const { status, body } of responses) if (status < 400) expectShown(body, purchase)
  })
}

const CHECKOUT_STATUS: Record<ModelPurchase['state'], string> = {
  HELD: '',
  PAYMENT_PENDING: '202',
  CONFIRMED: '200',
  PAYMENT_FAILED: '200',
  RELEASED: '409 STATE_CONFLICT',
  EXPIRED: '410 HOLD_EXPIRED',
}

function expectShown(body: { tickets?: unknown[] }, { id, quantity, state, payment }: ModelPurchase): void {
  expect(body).toMatchObject({ id, quantity, state })
  expect(body.tickets?.length).toBe(state === 'CONFIRMED' ? quantity : undefined)
  expect('replacedBy' in body).toBe(payment?.isReplaced ?? false)
}

const release = (index: number): PaymentCommand =>
  ofPurchase(`release(${index})`, index, async (purchase, model, { sales }) => {
    model.release(purchase)
    const isSettled = purchase.state === 'CONFIRMED' || purchase.state === 'PAYMENT_PENDING'
    expect(statusOf(await sales.release(purchase.id))).toBe(isSettled ? '409 STATE_CONFLICT' : '204')
  })

const read = (index: number): PaymentCommand =>
  ofPurchase(`read(${index})`, index, async (purchase, model, { sales }) => {
    model.expireIfOverdue(purchase)
    expectShown((await sales.get(purchase.id)).body, purchase)
  })

const expire = (): PaymentCommand =>
  command('expire', async (model, { sales }) => {
    model.clock.advance(TTL_SECONDS * 1_000)
    await sales.service.app.get(HoldExpiry).sweep()
    for (const purchase of model.purchases) model.expireIfOverdue(purchase)
  })

/** A job of the worker; also one that was sent twice, or for a payment that is final. */
function process(index: number, fault: Fault | null): PaymentCommand {
  const name = `process(${index}${fault ? `, ${fault.at} ${fault.kind}` : ''})`
  return ofPayment(name, index, (purchase, _payment, model, real) => processOnce(model, real, purchase, fault))
}

export async function processOnce(
  model: PaymentsModel,
  { sales, stripe }: RealPayments,
  purchase: ModelPurchase,
  fault: Fault | null,
): Promise<void> {
  // A fault is planted only if its call is made: it must not hit a later one.
  // Twice: Stripe's library repeats a call whose connection broke once.
  if (model.process(purchase, fault) && fault)
    for (const kind of [fault.kind, fault.kind]) stripe.failNext(CALLS[fault.at], kind)
  const { id: paymentId } = await sales.prisma.payment.findUniqueOrThrow({ where: { holdId: purchase.id } })
  await sales.service.app.get(PaymentWorker).process({ paymentId })
}

/** The provider's decision, which arrives late where the payment was abandoned. */
const decide = (index: number, paid: boolean): PaymentCommand =>
  ofPayment(`decide(${index}, ${paid ? 'paid' : 'failed'})`, index, async (purchase, payment, model, { stripe }) => {
    if (payment.intent !== 'PROCESSING') return
    model.decide(payment, paid)
    stripe.completeProcessing(stripe.intentOf(purchase.id), paid ? 'succeeded' : 'requires_payment_method')
  })

/** Notifications, duplicate, late and wrong ones included, are hints: they change nothing on their own. */
const notify = (index: number, type: string, copies: number): PaymentCommand =>
  ofPayment(
    `notify(${index}, ${type}, ${copies} ×)`,
    index,
    async (purchase, _payment, { clock }, { sales, stripe }) => {
      const intent = intentOf(stripe, purchase)
      if (!intent) return
      const { body, signature } = stripe.delivery(`payment_intent.${type}`, intent, { at: clock.now })
      const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
      const send = () => sales.service.call('POST', '//webhooks/stripe', { headers, body: Buffer.from(body) })
      expect((await Promise.all(times(copies, send))).map(statusOf)).toEqual(times(copies, () => '202'))
    },
  )

const abandon = (index: number): PaymentCommand =>
  ofPayment(`abandon(${index})`, index, async (purchase, payment, model, { sales }) => {
    const isFinal = payment.state === 'SUCCEEDED' || payment.state === 'REFUNDED'
    const { id } = await sales.prisma.payment.findUniqueOrThrow({ where: { holdId: purchase.id } })
    const body = { outcome: 'FAILED', reason: 'requested by the buyer' }
    const response = await sales.service.call('POST', `/payments/${id}/settle`, { token: sales.operator.token, body })
    expect(statusOf(response)).toBe(isFinal ? '409 STATE_CONFLICT' : '200')
    if (!isFinal) model.abandon(purchase)
  })

/** What the API, the staff and the provider show of all payments. */
export async function expectPayments(model: PaymentsModel, { sales, stripe, eventId }: RealPayments): Promise<void> {
  const path = `/payments?limit=100&eventId=${eventId}`
  const { body } = await sales.service.call<{ items: { holdId: string; state: string }[] }>('GET', path, {
    token: sales.operator.token,
  })
  const shown = body.items.map(({ holdId, state }) => {
    const intents = [...stripe.intents.values()].filter(({ metadata }) => metadata['holdId'] === holdId)
    const count = (movements: readonly string[]) =>
      movements.filter((id) => intents.some((own) => own.id === id)).length
    return { holdId, state, intents: intents.length, paid: count(stripe.charged), refunded: count(stripe.refunded) }
  })
  const expected = model.purchases.flatMap(({ id: holdId, payment }) => {
    if (!payment) return []
    const { state, intent, refunded } = payment
    const [intents, paid] = [intent === null ? 0 : 1, intent === 'SUCCEEDED' ? 1 : 0]
    return [{ holdId, state, intents, paid, refunded: refunded ? 1 : 0 }]
  })
  const byHold = (a: { holdId: string }, b: { holdId: string }) => (a.holdId < b.holdId ? -1 : 1)
  expect(shown.toSorted(byHold)).toEqual(expected.toSorted(byHold))
}

function ofPurchase(
  name: string,
  index: number,
  apply: (purchase: ModelPurchase, model: PaymentsModel, real: RealPayments) => Promise<void>,
): PaymentCommand {
  const isPossible = ({ purchases }: Readonly<PaymentsModel>) => purchases.length > 0
  return command(name, (model, real) => apply(pick(model.purchases, index), model, real), isPossible)
}

function ofPayment(
  name: string,
  index: number,
  apply: (purchase: ModelPurchase, payment: ModelPayment, model: PaymentsModel, real: RealPayments) => Promise<void>,
): PaymentCommand {
  const paid = ({ purchases }: Readonly<PaymentsModel>) => purchases.filter(({ payment }) => payment !== null)
  const run = async (model: PaymentsModel, real: RealPayments) => {
    const purchase = pick(paid(model), index)
    if (purchase.payment) await apply(purchase, purchase.payment, model, real)
    await expectPayments(model, real)
  }
  return command(name, run, (model) => paid(model).length > 0)
}

const index = fc.nat({ max: 3 })
const method = fc.constantFrom<Method>('GOOD', 'DECLINED', 'SLOW', 'SLOW')
const fault = fc.record<Fault>({
  at: fc.constantFrom('prepare', 'confirm', 'refund'),
  kind: fc.constantFrom('lost', 'refused'),
})
const type = fc.constantFrom('succeeded', 'payment_failed', 'processing')

/** Listed more often where they are needed to get anywhere. */
export const PAYMENT_COMMANDS: Arbitrary<PaymentCommand>[] = [
  ...times(2, () => fc.integer({ min: 1, max: 4 }).map(hold)),
  ...times(3, () => fc.tuple(index, method, fc.constantFrom(1, 1, 3)).map((of) => pay(...of))),
  index.map((of) => pay(of, null, 1)),
  index.map(release),
  index.map(read),
  fc.constant(null).map(expire),
  ...times(3, () => fc.tuple(index, fc.option(fault, { freq: 2 })).map((of) => process(...of))),
  ...times(2, () => fc.tuple(index, fc.boolean()).map((of) => decide(...of))),
  fc.tuple(index, type, fc.constantFrom(1, 3)).map((of) => notify(...of)),
  ...times(2, () => index.map(abandon)),
]

/** The tickets of an abandoned payment may be sold again until the provider decides that it is paid. */
const lateAfter = (...commands: readonly PaymentCommand[]): readonly PaymentCommand[] => [
  pay(0, 'SLOW', 1),
  process(0, null),
  abandon(0),
  ...commands,
  decide(0, true),
  process(0, null),
]

/** Of the hold that every run begins with. */
export const PAYMENT_OPENINGS: readonly (readonly PaymentCommand[])[] = [lateAfter(), lateAfter(hold(4), hold(4))]
