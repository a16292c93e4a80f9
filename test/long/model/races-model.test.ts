import fc, { type Scheduler } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { PaymentProviders } from '../../../src/payments/providers/payment-providers.js'
import { WaitlistOffers } from '../../../src/waitlist/waitlist-offers.js'
import { leaveEntry, verifyEntry } from '../../support/fixtures/entry-owner.js'
import { BUYER, Sales, type HoldBody } from '../../support/fixtures/sales.js'
import { RunClock, runs, statusOf } from '../../support/model/model-run.js'
import { Race } from '../../support/model/race.js'
import { StripeServer } from '../../support/servers/stripe.js'
import type { ApiResponse, TestApp } from '../../support/service/app.js'

type Response = ApiResponse<object | undefined>

const NUM_RUNS = 10
const TTL_SECONDS = 60
const PRICED = { priceCents: 1_500, currency: 'EUR' }
const EXPECTED = {
  RELEASED: { buy: '409 STATE_CONFLICT', release: '204' },
  EXPIRED: { buy: '410 HOLD_EXPIRED', release: '204' },
  CONFIRMED: { buy: '200', release: '409 STATE_CONFLICT' },
  PAYMENT_PENDING: { buy: '202', release: '409 STATE_CONFLICT' },
} as const

let stripe: StripeServer
let sales: Sales
let first: TestApp
let second: TestApp

beforeAll(async () => {
  stripe = await StripeServer.start()
  sales = await Sales.start({ env: stripe.env })
  first = sales.service
  second = await sales.startInstance()
  // All runs have the same customer.
  sales.ignoreDeclinedPayments(second)
})

afterAll(async () => {
  await second?.close()
  await sales?.stop()
  await stripe?.stop()
})

/** The same requests in many orders of their steps. */
function inAnyOrder(property: (scheduler: Scheduler, clock: RunClock) => Promise<void>): Promise<void> {
  const run = fc.asyncProperty(fc.scheduler(), (scheduler) => property(scheduler, new RunClock(first, second)))
  return fc.assert(run, runs(NUM_RUNS))
}

/** The end of a hold comes, and the sweep of this instance. */
async function expire(clock: RunClock, on: TestApp): Promise<void> {
  clock.advance(TTL_SECONDS * 1_000)
  await on.app.get(HoldExpiry).sweep()
}

describe('Two confirmations, a release and the expiry of a hold', () => {
  it('resolve it once, and respond accordingly', async () => {
    await inAnyOrder(async (scheduler, clock) => {
      const eventId = await sales.event({ capacity: 3 })
      const { id } = await sales.createHold(eventId, { quantity: 2, ttlSeconds: TTL_SECONDS })
      const { confirm, repeated, release } = await new Race(scheduler, [first, second]).run({
        confirm: () => sales.confirm(id),
        repeated: () => sales.confirm(id, { on: second }),
        release: () => sales.release(id, { on: second }),
        expire: () => expire(clock, first),
      })
      const state = await expectOutcome(id, [confirm, repeated], release)
      expect(confirm.body.tickets).toEqual(repeated.body.tickets)
      const sold = state === 'CONFIRMED' ? 2 : 0
      expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': sold })
      await expectResolvedOnce(id)
    })
  })
})

describe('Two payments, a release and the expiry of a hold', () => {
  it('start one payment or none, and respond accordingly', async () => {
    await inAnyOrder(async (scheduler, clock) => {
      const eventId = await sales.event({ capacity: 3, ...PRICED })
      const { id } = await sales.createHold(eventId, { quantity: 2, ttlSeconds: TTL_SECONDS })
      const { pay, repeated, release } = await new Race(scheduler, [first, second]).run({
        pay: () => sales.confirm(id, { body: paying('pm_card_visa') }),
        repeated: () => sales.confirm(id, { body: paying('pm_card_chargeDeclined'), on: second }),
        release: () => sales.release(id, { on: second }),
        expire: () => expire(clock, first),
      })
      const state = await expectOutcome(id, [pay, repeated], release)
      const isPaid = state === 'PAYMENT_PENDING'
      expect(await sales.prisma.payment.count({ where: { holdId: id } })).toBe(isPaid ? 1 : 0)
      expect(await sales.expectSound(eventId)).toMatchObject({ HELD: isPaid ? 2 : 0, 'SOLD:DIRECT': 0 })
    })
  })
})

describe('Two jobs, the staff who abandon it and another buyer of a payment', () => {
  it('charge at most once, and keep the money exactly for sold tickets', async () => {
    await inAnyOrder(async (scheduler) => {
      const eventId = await sales.event({ capacity: 3, ...PRICED })
      const { id: holdId } = await sales.createHold(eventId, { quantity: 2 })
      await sales.confirm(holdId, { body: paying('pm_card_visa') })
      const { id } = await sales.prisma.payment.findUniqueOrThrow({ where: { holdId } })
      const worker = ({ app }: TestApp) => app.get(PaymentWorker)
      const race = new Race(scheduler, [first, second])
      for (const { app } of [first, second]) {
        for (const call of ['prepare', 'charge', 'cancel', 'refund'] as const) {
          race.before(app.get(PaymentProviders).require(), call, `provider ${call}`)
        }
      }
      const body = { outcome: 'FAILED', reason: 'requested by the buyer' }
      const { token } = sales.operator
      const { abandon } = await race.run({
        job: () => worker(first).process({ paymentId: id }),
        repeated: () => worker(second).process({ paymentId: id }),
        abandon: () => second.call('POST', `/payments/${id}/settle`, { token, body }),
        rival: () => sales.hold(eventId, { quantity: 2 }, { on: second }),
      })
      expect(['200', '409 STATE_CONFLICT']).toContain(statusOf(abandon))
      // Until the last notification is processed.
      for (let step = 0; step < 3; step++) await worker(first).process({ paymentId: id })
      const payment = await sales.prisma.payment.findUniqueOrThrow({ where: { id } })
      const isSold = payment.state === 'SUCCEEDED'
      const [paid, refunded] = [stripe.charged, stripe.refunded].map(
        (movements) => movements.filter((intent) => intent === payment.reference).length,
      )
      expect(isSold ? [[1, 0]] : [[0, 0], [1, 1]]).toContainEqual([paid, refunded]) // prettier-ignore
      expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': isSold ? 2 : 0 })
    })
  })
})

describe('Two claims of an offer, its owner who leaves, its expiry and the next offers', () => {
  it('give its tickets to its owner or to the next entry', async () => {
    await inAnyOrder(async (scheduler, clock) => {
      const eventId = await sales.event({ capacity: 2, waitlistPolicy: 'AUTOMATIC' })
      const ana = await joinWaitlist(eventId, 'ana')
      const ben = await joinWaitlist(eventId, 'ben')
      const { token } = sales.operator
      const offered = await first.call<HoldBody>('POST', `/waitlist/${ana.id}/offer`, {
        token,
        body: { ttlSeconds: TTL_SECONDS },
      })
      const body = { token: await offerToken(ana.id) }
      const claim = (on: TestApp) => () => on.call<HoldBody>('POST', `/waitlist/${ana.id}/claim`, { body, ip: ip() })
      const results = await new Race(scheduler, [first, second]).run({
        claim: claim(first),
        repeated: claim(second),
        leave: () => leaveEntry(second, ana.id, ana.leaveToken),
        expire: () => expire(clock, first),
        next: () => second.app.get(WaitlistOffers).offerAll(),
      })
      await second.app.get(WaitlistOffers).offerAll()
      const { state } = await sales.prisma.hold.findUniqueOrThrow({ where: { id: offered.body.id } })
      const { buy, release } = EXPECTED[state as keyof typeof EXPECTED]
      expect([results.claim, results.repeated, results.leave].map(statusOf)).toEqual([buy, buy, release])
      const isClaimed = state === 'CONFIRMED'
      const states = async ({ id }: { id: string }) =>
        (await sales.prisma.waitlistEntry.findUniqueOrThrow({ where: { id } })).state
      expect([await states(ana), await states(ben)]).toEqual(isClaimed ? ['CONFIRMED', 'WAITING'] : ['LEFT', 'OFFERED'])
      const [HELD, sold] = isClaimed ? [0, 2] : [2, 0]
      expect(await sales.expectSound(eventId)).toMatchObject({ HELD, 'SOLD:DIRECT': sold, 'ALLOCATED:DIRECT': 0 })
      await expectResolvedOnce(offered.body.id)
      await first.call('POST', `/events/${eventId}/close`, { token: sales.admin.token })
    })
  })
})

describe('Several requests for the last tickets, one of them repeated', () => {
  it('are granted in full while the tickets suffice, and the repeated one once', async () => {
    const quantities = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 })
    const race = async (scheduler: Scheduler, [a = 1, b = 1, c = 1, d = 1]: number[]) => {
      const capacity = 3
      const eventId = await sales.event({ capacity })
      const hold = (quantity: number, on: TestApp, key: string) => () => sales.hold(eventId, { quantity }, { on, key })
      const results = await new Race(scheduler, [first, second]).run({
        a: hold(a, first, 'a'),
        repeated: hold(a, second, 'a'),
        b: hold(b, second, 'b'),
        c: hold(c, first, 'c'),
        d: hold(d, second, 'd'),
      })
      const pair = [results.a, results.repeated].map(statusOf).toSorted()
      expect([['200', '201'], ['409 SOLD_OUT', '409 SOLD_OUT']]).toContainEqual(pair) // prettier-ignore
      const granted = Object.values(results).filter(({ status }) => status === 201)
      const held = granted.reduce((sum, { body }) => sum + body.quantity, 0)
      expect(await sales.expectSound(eventId)).toMatchObject({ HELD: held, 'ALLOCATED:DIRECT': capacity - held })
      const requests = [[a, results.a], [b, results.b], [c, results.c], [d, results.d]] as const // prettier-ignore
      for (const [quantity, { status }] of requests)
        if (status === 409) expect(quantity).toBeGreaterThan(capacity - held)
    }
    await fc.assert(fc.asyncProperty(fc.scheduler(), quantities, race), runs(NUM_RUNS))
  })
})

const paying = (token: string) => ({ buyer: BUYER, payment: { token } })

let addresses = 0
const ip = () => `10.5.${addresses >> 8}.${addresses++ & 255}`

async function joinWaitlist(eventId: string, name: string): Promise<{ id: string; leaveToken: string }> {
  const body = { name, email: `${name}@example.com`, quantity: 2 }
  const path = `/events/${eventId}/waitlist`
  const joined = await first.call<{ id: string; leaveToken: string }>('POST', path, { body, ip: ip() })
  await verifyEntry(first, joined.body.id)
  return joined.body
}

async function offerToken(entryId: string): Promise<string> {
  const mail = await sales.prisma.mail.findFirstOrThrow({ where: { kind: 'OFFER', text: { contains: entryId } } })
  return /&token=([\w-]+)/.exec(mail.text ?? '')?.[1] ?? ''
}

/** The responses agree with the state in which the hold ended. Returns it. */
async function expectOutcome(id: string, buys: readonly Response[], release: Response): Promise<string> {
  const { state } = (await sales.get(id)).body
  const expected = EXPECTED[state as keyof typeof EXPECTED]
  const statuses = [...buys, release].map(statusOf)
  expect([state, ...statuses]).toEqual([state, ...buys.map(() => expected.buy), expected.release])
  return state
}

/** I5: one operation took its units, one resolved it. */
async function expectResolvedOnce(holdId: string): Promise<void> {
  const operationId = { startsWith: `hold:${holdId}:` }
  expect(await sales.prisma.stockOperation.count({ where: { operationId, outcome: 'COMMITTED' } })).toBe(2)
}
