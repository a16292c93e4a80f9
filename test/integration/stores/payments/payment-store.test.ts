import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { DatabaseTransaction } from '../../../../src/infrastructure/transaction.js'
import type {
  NewPayment,
  PaymentReturns,
  PaymentState,
  PaymentTransition,
} from '../../../../src/payments/payment-store.js'
import { describeStores, eventRow, holdRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-11-20T12:30:00.000Z')
const ticket = () => ({ id: newId('tkt'), code: newId('code') })
const at = (seconds: number) => new Date(AT.getTime() + seconds * 1_000)

describeStores('The payment store', (bench) => {
  const run = <T>(work: (transaction: DatabaseTransaction) => Promise<T>) => bench.stores.transactions.run(work)
  const start = async (change: Partial<NewPayment> = {}, accountId: string | null = null) => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    const hold = holdRow(event.id, { state: 'PAYMENT_PENDING', accountId })
    const payment: NewPayment = {
      id: newId('pay'),
      holdId: hold.id,
      eventId: event.id,
      amount: 1_500n,
      currency: 'EUR',
      buyerName: 'Ada',
      buyerEmail: 'ada@example.com',
      provider: 'simulated',
      token: 'card',
      dueAt: AT,
      createdAt: AT,
      ...change,
    }
    await run(async (transaction) => {
      await bench.stores.holds.insert(transaction, [hold])
      await bench.stores.payments.insert(transaction, [payment])
    })
    return payment
  }
  const find = (id: string) => bench.stores.payments.find(id)
  const move = (id: string, from: PaymentState, to: PaymentTransition) =>
    run((transaction) => bench.stores.payments.transition(transaction, id, from, to))
  const fail = (id: string) => move(id, 'PENDING', { state: 'FAILED', settledAt: AT, reason: 'declined' })

  it('stays due when it is moved to a state that is due while a worker has leased it', async () => {
    const { payments } = bench.stores
    const later = new Date(AT.getTime() + 60_000)
    for (const dueAt of [AT, undefined]) {
      const { id } = await start()
      await move(id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
      await payments.markDue({ id }, AT, true)
      const leased = await payments.lease(id, AT, later)
      expect(leased).toMatchObject({ id, state: 'SUCCEEDED' })
      await move(id, 'SUCCEEDED', { state: 'REFUND_DUE', ...(dueAt ? { dueAt } : {}) })
      if (leased) await payments.release(leased, AT)
      expect(await find(id)).toMatchObject({ state: 'REFUND_DUE', leasedUntil: null, dueAt: dueAt ?? null })
    }
  })

  it('starts one payment of a hold, of money', async () => {
    const payment = await start()
    const none = { reference: null, reason: null, replacementHoldId: null, lastError: null, leasedUntil: null }
    const unsettled = { hints: 0, attempts: 0, stuckSince: null, settledAt: null, refundedAt: null }
    const returns = { refundedAmount: 0n, refundState: null, refundFailure: null, disputeState: null, disputedAt: null }
    const open = { clientSecret: null, recheck: false }
    expect(await find(payment.id)).toEqual({ ...payment, ...none, ...returns, ...open, ...unsettled, state: 'PENDING' })
    expect(await find('pay_unknown')).toBeNull()
    const again = { ...payment, id: newId('pay') }
    await expect(run((tx) => bench.stores.payments.insert(tx, [again]))).rejects.toThrow()
    for (const wrong of [{ amount: 0n }, { currency: 'euro' }]) await expect(start(wrong)).rejects.toThrow()
    expect(await run((tx) => bench.stores.payments.stateOf(tx, payment.id))).toBe('PENDING')
    await expect(run((tx) => bench.stores.payments.stateOf(tx, 'pay_unknown'))).rejects.toThrow()
  })

  it('is leased by one worker at a time, and due again when the lease ends', async () => {
    const { id } = await start()
    const first = await bench.stores.payments.lease(id, AT, at(90))
    expect(first).toMatchObject({ id, leasedUntil: at(90), dueAt: at(90), attempts: 1 })
    expect(await bench.stores.payments.lease(id, at(89), at(179))).toBeNull()
    expect(await bench.stores.payments.lease(id, at(90), at(180))).toMatchObject({ leasedUntil: at(180), attempts: 2 })
    expect(await bench.stores.payments.lease('pay_unknown', AT, at(90))).toBeNull()
    const together = await start()
    const leases = await Promise.all([1, 2, 3].map(() => bench.stores.payments.lease(together.id, AT, at(90))))
    expect(leases.filter((lease) => lease !== null)).toHaveLength(1)
  })

  it('is not due after a completed step, unless a hint came since it was leased', async () => {
    const [quiet, hinted, paid] = [await start(), await start(), await start()]
    for (const { id } of [quiet, hinted, paid]) {
      const leased = await bench.stores.payments.lease(id, AT, at(90))
      if (!leased) throw new Error('not leased')
      if (id !== quiet.id) expect(await bench.stores.payments.markDue({ id }, at(1))).toBe(true)
      if (id === paid.id) await move(id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
      await bench.stores.payments.release(leased, at(2))
    }
    expect(await find(quiet.id)).toMatchObject({ dueAt: null, leasedUntil: null, attempts: 0 })
    expect(await find(hinted.id)).toMatchObject({ dueAt: at(2), leasedUntil: null, hints: 1 })
    expect(await find(paid.id)).toMatchObject({ dueAt: null, leasedUntil: null })
  })

  it('is retried, or stuck, unless a hint came since it was leased', async () => {
    const [retried, stuck, hinted] = [await start(), await start(), await start()]
    for (const { id } of [retried, stuck, hinted]) {
      const leased = await bench.stores.payments.lease(id, AT, at(90))
      if (!leased) throw new Error('not leased')
      if (id === hinted.id) await bench.stores.payments.markDue({ id }, at(1))
      const retry = { error: 'unreachable', dueAt: id === retried.id ? at(8) : null }
      await bench.stores.payments.retry(leased, retry, at(2))
    }
    const failed = { leasedUntil: null, lastError: 'unreachable' }
    expect(await find(retried.id)).toMatchObject({ ...failed, dueAt: at(8), stuckSince: null, attempts: 1 })
    expect(await find(stuck.id)).toMatchObject({ ...failed, dueAt: null, stuckSince: at(2) })
    expect(await find(hinted.id)).toMatchObject({ ...failed, dueAt: at(2), stuckSince: null, attempts: 0 })
    const again = await bench.stores.payments.lease(stuck.id, at(3), at(93))
    if (again) await bench.stores.payments.retry(again, { error: 'still', dueAt: null }, at(4))
    expect(await find(stuck.id)).toMatchObject({ stuckSince: at(2), lastError: 'still' })
    expect(await bench.stores.payments.markDue({ id: stuck.id }, at(5))).toBe(true)
    expect(await find(stuck.id)).toMatchObject({ stuckSince: null, dueAt: at(5), attempts: 0, hints: 1 })
  })

  it('is found and made due by its reference, which never changes', async () => {
    const [payment, other] = [await start(), await start()]
    const reference = newId('ref')
    expect(await bench.stores.payments.idOf(reference)).toBeNull()
    expect(await bench.stores.payments.markDue({ reference }, AT)).toBe(false)
    await bench.stores.payments.setReference(payment.id, reference)
    await bench.stores.payments.setReference(payment.id, reference)
    expect(await bench.stores.payments.idOf(reference)).toBe(payment.id)
    expect(await bench.stores.payments.markDue({ reference }, at(3))).toBe(true)
    expect(await find(payment.id)).toMatchObject({ dueAt: at(3), hints: 1 })
    await expect(bench.stores.payments.setReference(payment.id, newId('ref'))).rejects.toThrow()
    await expect(bench.stores.payments.setReference(other.id, reference)).rejects.toThrow()
    await expect(bench.stores.payments.setReference('pay_unknown', newId('ref'))).rejects.toThrow()
    await move(payment.id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
    expect(await bench.stores.payments.markDue({ reference }, at(4))).toBe(false)
  })

  it('passes through its states once, and keeps no token', async () => {
    const { id } = await start()
    await expect(move(id, 'PENDING', { state: 'REFUNDED', settledAt: AT, refundedAt: AT })).rejects.toThrow()
    await expect(move(id, 'PENDING', { state: 'SUCCEEDED' })).rejects.toThrow()
    expect(await fail(id)).toBe(true)
    expect(await fail(id)).toBe(false)
    expect(await find(id)).toMatchObject({ state: 'FAILED', settledAt: AT, reason: 'declined', token: null })
    expect(await move(id, 'FAILED', { state: 'REFUND_DUE' })).toBe(true)
    await expect(move(id, 'REFUND_DUE', { state: 'SUCCEEDED' })).rejects.toThrow()
    expect(await move(id, 'REFUND_DUE', { state: 'REFUNDED', refundedAt: at(9) })).toBe(true)
    expect(await find(id)).toMatchObject({ state: 'REFUNDED', refundedAt: at(9), reason: 'declined' })
    expect(await bench.stores.payments.lease(id, AT, at(90))).toBeNull()
  })

  it('keeps a reported dispute until it is decided', async () => {
    const { id } = await start()
    const reference = `pi_${id}`
    await bench.stores.payments.setReference(id, reference)
    const report = (state: 'OPEN' | 'WON' | 'LOST', second: number) =>
      bench.stores.payments.reportDispute(reference, state, at(second))
    expect(await report('OPEN', 1)).toBe(id)
    expect(await report('OPEN', 2)).toBeNull()
    expect(await report('LOST', 3)).toBe(id)
    expect(await report('OPEN', 4)).toBeNull()
    expect(await find(id)).toMatchObject({ disputeState: 'LOST', disputedAt: at(1) })
    expect(await bench.stores.payments.reportDispute('pi_unknown', 'OPEN', at(1))).toBeNull()
  })

  it('is due for what concerns refunds and disputes also when it is final, until that is read', async () => {
    const { id } = await start()
    await move(id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
    expect(await bench.stores.payments.markDue({ id }, at(1))).toBe(false)
    expect(await bench.stores.payments.lease(id, at(1), at(91))).toBeNull()
    expect(await bench.stores.payments.markDue({ id }, at(1), true)).toBe(true)
    const due = await bench.stores.payments.due(at(1), 1_000)
    expect(due.map((payment) => payment.id)).toContain(id)
    const leased = await bench.stores.payments.lease(id, at(1), at(91))
    if (!leased) throw new Error('not leased')
    expect(leased).toMatchObject({ state: 'SUCCEEDED', recheck: true })
    await bench.stores.payments.markDue({ id }, at(2), true)
    await bench.stores.payments.release(leased, at(3))
    expect(await find(id)).toMatchObject({ dueAt: at(3), recheck: true })
    const again = await bench.stores.payments.lease(id, at(3), at(93))
    if (!again) throw new Error('not leased')
    await bench.stores.payments.release(again, at(4), at(5))
    expect(await find(id)).toMatchObject({ dueAt: null, recheck: false, leasedUntil: null })
    expect(await bench.stores.payments.lease(id, at(4), at(94))).toBeNull()
  })

  it('is due again at a given instant after a completed step, and stuck although it is retried', async () => {
    const { id } = await start()
    const leased = await bench.stores.payments.lease(id, AT, at(90))
    if (!leased) throw new Error('not leased')
    await bench.stores.payments.release(leased, at(1), at(60))
    expect(await find(id)).toMatchObject({ dueAt: at(60), stuckSince: null })
    const again = await bench.stores.payments.lease(id, at(60), at(150))
    if (!again) throw new Error('not leased')
    await bench.stores.payments.retry(again, { error: 'no provider', dueAt: at(99), stuck: true }, at(61))
    expect(await find(id)).toMatchObject({ dueAt: at(99), stuckSince: at(61) })
  })

  it('shows what went back to the buyer, which is never more than the amount', async () => {
    const { id } = await start()
    const none = { refundState: null, refundFailure: null, disputeState: null, disputedAt: null }
    const set = (returns: Partial<PaymentReturns>) =>
      run((transaction) =>
        bench.stores.payments.setReturns(transaction, id, { refundedAmount: 0n, ...none, ...returns }),
      )
    await move(id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
    const disputed = {
      refundedAmount: 500n,
      refundState: 'SUCCEEDED',
      disputeState: 'OPEN',
      disputedAt: at(1),
    } as const
    await set(disputed)
    expect(await find(id)).toMatchObject(disputed)
    await expect(set({ refundedAmount: 1_501n })).rejects.toThrow()
    await expect(set({ refundedAmount: -1n })).rejects.toThrow()
    await expect(set({ disputeState: 'OPEN' })).rejects.toThrow()
  })

  it('is refunded after it succeeded, and due again when that refund fails', async () => {
    const { id } = await start()
    await move(id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
    expect(await move(id, 'SUCCEEDED', { state: 'REFUND_DUE', reason: 'cancelled', dueAt: at(1) })).toBe(true)
    expect(await move(id, 'REFUND_DUE', { state: 'REFUNDED', refundedAt: at(2) })).toBe(true)
    expect(await move(id, 'REFUNDED', { state: 'REFUND_DUE', refundedAt: null })).toBe(true)
    await expect(move(id, 'REFUND_DUE', { state: 'FAILED' })).rejects.toThrow()
    expect(await find(id)).toMatchObject({ state: 'REFUND_DUE', reason: 'cancelled', refundedAt: null })
  })

  it('keeps the secret of an authentication while it is pending, for its hold', async () => {
    const { id, holdId } = await start()
    await bench.stores.payments.setClientSecret(id, 'secret')
    expect(await bench.stores.holds.clientSecretOf(holdId)).toBe('secret')
    await fail(id)
    expect(await bench.stores.holds.clientSecretOf(holdId)).toBeNull()
    await bench.stores.payments.setClientSecret(id, 'late')
    expect((await find(id))?.clientSecret).toBeNull()
    expect(await bench.stores.holds.clientSecretOf('hld_unknown')).toBeNull()
  })

  it('knows whether its buyer has bought or pays for other tickets of the event', async () => {
    const payment = await start({ buyerEmail: 'ada@example.com' })
    const { id, eventId } = payment
    const other = (buyerEmail: string, accountId: string | null = null) =>
      run((transaction) => bench.stores.payments.otherPurchase(transaction, { id, eventId, buyerEmail }, accountId))
    expect(await other('ada@example.com')).toBeNull()
    const second = holdRow(eventId, { state: 'PAYMENT_PENDING' })
    const pending = { ...payment, id: newId('pay'), holdId: second.id, buyerEmail: 'Bob@example.com' }
    await run(async (transaction) => {
      await bench.stores.holds.insert(transaction, [second])
      await bench.stores.payments.insert(transaction, [pending])
    })
    expect(await other('bob@Example.com')).toBe('BEING_PAID')
    expect(await other('eve@example.com', 'usr_unknown')).toBeNull()
    expect(await other('b_b@example.com')).toBeNull()
    const order = { id: newId('ord'), buyer: { name: 'Bob', email: 'BOB@example.com' }, tickets: [ticket()] }
    await run((transaction) => bench.stores.directOrders.insert(transaction, eventId, [order], AT))
    expect(await other('bob@example.com')).toBe('BOUGHT')
    expect(await other('eve@example.com')).toBeNull()
  })

  it('is found by its account or address while it is recent and declined, by id', async () => {
    const [accountId, email] = [await bench.account(), `${newId('eve')}@example.com`]
    const declined = (accounts: string[], emails: string[], since = at(-1)) =>
      run((transaction) => bench.stores.payments.declined(transaction, accounts, emails, since))
    const [first, second] = [await start({ buyerEmail: email.toUpperCase() }), await start({}, accountId)]
    const paid = await start({ buyerEmail: email }, accountId)
    await start({ buyerEmail: email }, accountId)
    await fail(first.id)
    await fail(second.id)
    await move(paid.id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
    const toAddress = { accountId: null, buyerEmail: email, failedAt: AT }
    const ofAccount = { accountId, buyerEmail: 'ada@example.com', failedAt: AT }
    expect(await declined([], [email])).toEqual([toAddress])
    expect(await declined([accountId], [])).toEqual([ofAccount])
    expect(await declined([accountId], [email])).toEqual([toAddress, ofAccount])
    expect(await declined([accountId], [email], AT)).toEqual([])
    expect(await declined(['usr_unknown'], [email.replace('@', '_')])).toEqual([])
    expect(await declined([], [])).toEqual([])
  })

  it('is found by the order that it bought', async () => {
    const { id, holdId, eventId } = await start()
    const order = { id: newId('ord'), buyer: { name: 'Ada', email: 'ada@example.com' }, tickets: [ticket()] }
    const of = (orderId: string) => run((transaction) => bench.stores.payments.ofOrder(transaction, orderId))
    await run(async (transaction) => {
      await bench.stores.directOrders.insert(transaction, eventId, [order], AT)
      const hold = await bench.stores.holds.find(holdId)
      if (!hold) throw new Error('no hold')
      await bench.stores.holds.settle(transaction, [{ hold, to: 'CONFIRMED', orderId: order.id }], AT)
    })
    expect((await of(order.id))?.id).toBe(id)
    expect(await of('ord_unknown')).toBeNull()
  })

  it('lists those that are due, longest first', async () => {
    const [late, soon, paid] = [await start({ dueAt: at(-9) }), await start({ dueAt: at(0) }), await start()]
    // Of the same instant by id, in whichever order they were started.
    const [first, second] = [newId('pay'), newId('pay')]
    const [later, earlier] = [await start({ id: second, dueAt: at(-5) }), await start({ id: first, dueAt: at(-5) })]
    await start({ dueAt: at(1) })
    await start({ dueAt: null })
    await move(paid.id, 'PENDING', { state: 'SUCCEEDED', settledAt: AT })
    await fail(soon.id)
    const due = await bench.stores.payments.due(AT, 100)
    const own = due.filter(({ id }) => [late.id, earlier.id, later.id, soon.id, paid.id].includes(id))
    expect(own).toEqual([late, earlier, later, soon].map(({ id, dueAt }) => ({ id, dueAt })))
    expect(await bench.stores.payments.due(AT, 1)).toHaveLength(1)
  })

  it('lists payments by state, event and need of an operator, newest first', async () => {
    const started = [await start(), await start(), await start()]
    const [pending, failed, stuck] = started
    if (!pending || !failed || !stuck) throw new Error('not started')
    await fail(failed.id)
    const leased = await bench.stores.payments.lease(stuck.id, AT, at(90))
    if (leased) await bench.stores.payments.retry(leased, { error: 'unreachable', dueAt: null }, AT)
    const own = new Set(started.map(({ id }) => id))
    const list = async (filter: object, limit = 1_000) =>
      (await bench.stores.payments.newest(filter, limit)).map(({ id }) => id).filter((id) => own.has(id))
    const newestFirst = [...own].toSorted().toReversed()
    expect(await list({})).toEqual(newestFirst)
    expect(await list({ before: newestFirst[0] })).toEqual(newestFirst.slice(1))
    expect(await list({ state: 'FAILED' })).toEqual([failed.id])
    expect(await list({ stuck: true })).toEqual([stuck.id])
    expect(await list({ eventId: pending.eventId })).toEqual([pending.id])
    expect(await bench.stores.payments.newest({}, 2)).toHaveLength(2)
  })
})
