import { expect, it } from 'vitest'
import type { Hold } from '../../../../src/domain/hold-record.js'
import type { HoldKey } from '../../../../src/holds/hold-store.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { DatabaseTransaction } from '../../../../src/infrastructure/transaction.js'
import { describeStores, eventRow, holdRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-11-20T12:30:00.000Z')

describeStores('The hold store', (bench) => {
  const openEvent = async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return event.id
  }
  const run = <T>(work: (transaction: DatabaseTransaction) => Promise<T>) => bench.stores.transactions.run(work)
  const add = (...holds: Hold[]) => run((transaction) => bench.stores.holds.insert(transaction, holds))
  const settle = (hold: Hold, to: Hold['state'], orderId: string | null = null) =>
    run((transaction) => bench.stores.holds.settle(transaction, [{ hold, to, orderId }], AT))
  const order = async (eventId: string) => {
    const id = newId('ord')
    const sale = { id, buyer: { name: 'Ada', email: 'ada@example.com' }, tickets: [{ id: newId('tkt'), code: id }] }
    await run((transaction) => bench.stores.directOrders.insert(transaction, eventId, [sale], AT))
    return id
  }

  it('stores holds as they are, live and final ones', async () => {
    const [eventId, other, accountId] = [await openEvent(), await openEvent(), await bench.account()]
    const live = holdRow(eventId, {
      accountId,
      quantity: 2,
      seats: ['A-1-1', 'A-1-2'],
      idempotencyKey: 'k',
      requestHash: 'h',
    })
    const sold = holdRow(eventId, { state: 'CONFIRMED', settledAt: AT, orderId: await order(eventId) })
    await add(live, sold)
    await add()
    expect(await bench.stores.holds.find(live.id)).toEqual(live)
    expect(await bench.stores.holds.find(sold.id)).toEqual(sold)
    expect(await bench.stores.holds.find('hld_unknown')).toBeNull()
    const ids = [live.id, sold.id, live.id, 'hld_unknown']
    const found = await run((transaction) => bench.stores.holds.ofEvent(transaction, eventId, ids))
    expect(found.map(({ id }) => id).toSorted()).toEqual([live.id, sold.id].toSorted())
    expect(await run((transaction) => bench.stores.holds.ofEvent(transaction, other, ids))).toEqual([])
  })

  it('rejects rows that are not consistent, and all of a batch with one', async () => {
    const eventId = await openEvent()
    const good = holdRow(eventId)
    const wrong: Partial<Hold>[] = [
      { quantity: 2, fromUnallocated: 1 },
      { priceCents: -1 },
      { quantity: 2, seats: ['A-1-1'] },
      { settledAt: AT },
      { state: 'EXPIRED' },
      { state: 'CONFIRMED', settledAt: AT },
    ]
    for (const change of wrong) await expect(add(good, holdRow(eventId, change))).rejects.toThrow()
    expect(await bench.rows('holds', { eventId })).toEqual([])
  })

  it('finds holds by the idempotency key of an account, until it is removed', async () => {
    const eventId = await openEvent()
    const [one, two] = [await bench.account(), await bench.account()]
    const holds = [
      holdRow(eventId, { accountId: one, idempotencyKey: 'a' }),
      holdRow(eventId, { accountId: one, idempotencyKey: 'b' }),
      holdRow(eventId, { accountId: two, idempotencyKey: 'a' }),
      holdRow(eventId, { accountId: two }),
    ] as const
    await add(...holds)
    const { findByKey } = bench.stores.holds
    const find = findByKey.bind(bench.stores.holds)
    expect(await find(eventId, two, 'a')).toEqual({ id: holds[2].id, createdAt: holds[2].createdAt })
    expect(await find(eventId, two, 'b')).toBeNull()
    expect(await find('evt_unknown', one, 'a')).toBeNull()
    const elsewhere = holdRow(await openEvent(), { accountId: one, idempotencyKey: 'a' })
    await add(elsewhere)
    const withKeys = async (...keys: HoldKey[]) =>
      (await run((transaction) => bench.stores.holds.withKeys(transaction, keys))).map(({ id }) => id).toSorted()
    const [first, second] = [one, two].map((accountId) => ({ eventId, accountId, idempotencyKey: 'a' })) as [
      HoldKey,
      HoldKey,
    ]
    const found = await withKeys(first, second, { ...first, idempotencyKey: 'c' })
    expect(found).toEqual([holds[0].id, holds[2].id].toSorted())
    expect(await withKeys({ ...first, eventId: elsewhere.eventId }, second)).toEqual(
      [elsewhere.id, holds[2].id].toSorted(),
    )
    expect(await withKeys()).toEqual([])
    await expect(add(holdRow(eventId, { accountId: one, idempotencyKey: 'a' }))).rejects.toThrow()
    await run(async (transaction) => {
      await bench.stores.holds.removeKeys(transaction, [holds[0].id])
      await bench.stores.holds.removeKeys(transaction, [])
      await bench.stores.holds.insert(transaction, [holdRow(eventId, { accountId: one, idempotencyKey: 'a' })])
    })
    expect((await find(eventId, one, 'a'))?.id).not.toBe(holds[0].id)
  })

  it('sums the units that accounts hold or have bought', async () => {
    const eventId = await openEvent()
    const other = await openEvent()
    const [one, two, three] = [await bench.account(), await bench.account(), await bench.account()]
    const ended = { state: 'EXPIRED', settledAt: AT } as const
    const [bought, cancelled] = [await order(eventId), await order(eventId)]
    await bench.change('orders', { id: bought }, { quantity: 1 })
    await bench.change('orders', { id: cancelled }, { quantity: 0, state: 'CANCELLED' })
    const confirmed = { state: 'CONFIRMED', settledAt: AT } as const
    await add(
      holdRow(eventId, { accountId: one, quantity: 2, ...confirmed, orderId: bought }),
      holdRow(eventId, { accountId: two, quantity: 8, ...confirmed, orderId: cancelled }),
      holdRow(eventId, { accountId: one, quantity: 2 }),
      holdRow(eventId, { accountId: one, quantity: 3, state: 'PAYMENT_PENDING' }),
      holdRow(eventId, { accountId: one, quantity: 9, ...ended }),
      holdRow(eventId, { accountId: two, quantity: 4, ...ended }),
      holdRow(eventId, { accountId: three, quantity: 5 }),
      holdRow(other, { accountId: one, quantity: 7 }),
      holdRow(other, { accountId: three, quantity: 5 }),
      holdRow(eventId, { quantity: 6 }),
    )
    const customers = [one, two].flatMap((accountId) => [eventId, other].map((id) => ({ eventId: id, accountId })))
    const counted = await run((transaction) => bench.stores.holds.customerUnits(transaction, customers))
    expect(counted.toSorted((a, b) => a.units - b.units)).toEqual([
      { eventId, accountId: one, units: 6 },
      { eventId: other, accountId: one, units: 7 },
    ])
  })

  it('settles a hold once', async () => {
    const eventId = await openEvent()
    const [sold, released] = [holdRow(eventId), holdRow(eventId)]
    await add(sold, released)
    const orderId = await order(eventId)
    const ofOrder = () => run((transaction) => bench.stores.holds.ofOrder(transaction, orderId))
    expect(await ofOrder()).toBeNull()
    await settle(sold, 'CONFIRMED', orderId)
    expect(await ofOrder()).toMatchObject({ id: sold.id })
    expect(await bench.stores.holds.find(sold.id)).toEqual({ ...sold, state: 'CONFIRMED', orderId, settledAt: AT })
    await expect(settle(sold, 'EXPIRED')).rejects.toThrow()
    await expect(settle({ ...sold, state: 'CONFIRMED' }, 'EXPIRED')).rejects.toThrow()
    const both = [sold, released].map((hold) => ({ hold, to: 'RELEASED' as const, orderId: null }))
    await expect(run((transaction) => bench.stores.holds.settle(transaction, both, AT))).rejects.toThrow()
    expect((await bench.stores.holds.find(released.id))?.state).toBe('HELD')
    await settle(released, 'RELEASED')
    expect((await bench.stores.holds.find(released.id))?.state).toBe('RELEASED')
    await run((transaction) => bench.stores.holds.settle(transaction, [], AT))
  })

  it('lets the second of two transactions that settle a hold wait, and then refuses it', async () => {
    const eventId = await openEvent()
    const hold = holdRow(eventId)
    await add(hold)
    const log: string[] = []
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    const first = run(async (transaction) => {
      await bench.stores.holds.settle(transaction, [{ hold, to: 'RELEASED', orderId: null }], AT)
      log.push('first settled')
      await ended
    }).then(() => log.push('first committed'))
    await expect.poll(() => log).toEqual(['first settled'])
    const second = settle(hold, 'EXPIRED').catch(() => log.push('second refused'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    end()
    await Promise.all([first, second])
    expect(log).toEqual(['first settled', 'first committed', 'second refused'])
  })

  it('starts the payments of holds that are HELD, or of none', async () => {
    const eventId = await openEvent()
    const [one, two, ended] = [
      holdRow(eventId),
      holdRow(eventId),
      holdRow(eventId, { state: 'RELEASED', settledAt: AT }),
    ]
    await add(one, two, ended)
    const start = (...holds: Hold[]) =>
      run((transaction) =>
        bench.stores.holds.startPayments(
          transaction,
          holds.map(({ id }) => id),
        ),
      )
    await start(one)
    for (const other of [one, ended]) await expect(start(two, other)).rejects.toThrow()
    expect((await bench.stores.holds.find(one.id))?.state).toBe('PAYMENT_PENDING')
    expect((await bench.stores.holds.find(two.id))?.state).toBe('HELD')
  })

  it('finds overdue holds of some events, longest overdue first', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const at = (seconds: number) => ({ expiresAt: new Date(AT.getTime() + seconds * 1_000) })
    const [due, late, theirs] = [holdRow(eventId, at(0)), holdRow(eventId, at(-9)), holdRow(other, at(-5))]
    const later = holdRow(eventId, at(0))
    const paying = holdRow(eventId, { ...at(-9), state: 'PAYMENT_PENDING' })
    // Of the same instant by id, in whichever order they were added.
    await add(later, due, late, theirs, paying, holdRow(eventId, at(1)))
    const overdue = async (except: string[], limit: number) => {
      const found = await bench.stores.holds.overdue(AT, except, limit)
      return found.filter(({ eventId: id }) => [eventId, other].includes(id))
    }
    const shown = ({ id, eventId: of }: Hold) => ({ id, eventId: of })
    expect(await overdue([], 100)).toEqual([late, theirs, due, later].map(shown))
    expect(await overdue([other], 100)).toEqual([late, due, later].map(shown))
    expect(await bench.stores.holds.overdue(AT, [], 1)).toHaveLength(1)
  })

  it('finds the hold that replaced one after a late payment', async () => {
    const eventId = await openEvent()
    const failed = holdRow(eventId, { state: 'PAYMENT_FAILED', settledAt: AT })
    const replacement = holdRow(eventId, { state: 'CONFIRMED', settledAt: AT, orderId: await order(eventId) })
    await add(failed, replacement)
    expect(await bench.stores.holds.replacementOf(failed.id)).toBeNull()
    const started = {
      id: newId('pay'),
      holdId: failed.id,
      eventId,
      amount: 100n,
      currency: 'EUR',
      token: 'card',
    } as const
    const buyer = { buyerName: 'Ada', buyerEmail: 'ada@example.com', provider: 'simulated', dueAt: null, createdAt: AT }
    await run((transaction) => bench.stores.payments.insert(transaction, [{ ...started, ...buyer }]))
    const { payments } = bench.stores
    await run((transaction) =>
      payments.transition(transaction, started.id, 'PENDING', { state: 'FAILED', settledAt: AT, reason: 'declined' }),
    )
    await run((transaction) =>
      payments.transition(transaction, started.id, 'FAILED', { state: 'SUCCEEDED', replacementHoldId: replacement.id }),
    )
    expect(await bench.stores.holds.replacementOf(failed.id)).toBe(replacement.id)
  })
})
