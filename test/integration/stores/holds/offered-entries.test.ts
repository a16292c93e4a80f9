import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { DatabaseTransaction } from '../../../../src/infrastructure/transaction.js'
import { describeStores, eventRow, holdRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-11-20T12:30:00.000Z')

describeStores('The offered entries', (bench) => {
  let entries = 0n
  const run = <T>(work: (transaction: DatabaseTransaction) => Promise<T>) => bench.stores.transactions.run(work)
  const openEvent = async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return event.id
  }
  const offer = async (eventId: string, state: 'OFFERED' | 'LEFT' | 'LAPSED' = 'OFFERED') => {
    const hold = holdRow(eventId)
    await run((transaction) => bench.stores.holds.insert(transaction, [hold]))
    const id = newId('wle')
    const who = {
      name: 'Ada',
      email: `${id}@example.com`,
      quantity: 1,
      createdAt: AT,
      verifiedAt: AT,
      offeredAt: AT,
      settledAt: null,
    }
    await bench.insert('waitlistEntries', { id, seq: ++entries, eventId, state, holdId: hold.id, ...who })
    return { id, holdId: hold.id }
  }
  const entry = async (id: string) => (await bench.rows('waitlistEntries', { id }))[0]

  it('end with their holds, unless they have ended before', async () => {
    const eventId = await openEvent()
    const [sold, lapsed, left, open] = [
      await offer(eventId),
      await offer(eventId),
      await offer(eventId, 'LEFT'),
      await offer(eventId),
    ]
    const offers = [
      { holdId: sold.holdId, sold: true },
      { holdId: lapsed.holdId, sold: false },
      { holdId: left.holdId, sold: false },
      { holdId: 'hld_unknown', sold: true },
    ]
    await run((transaction) => bench.stores.offeredEntries.end(transaction, offers, AT))
    await run((transaction) => bench.stores.offeredEntries.end(transaction, [], AT))
    expect(await entry(sold.id)).toMatchObject({ state: 'CONFIRMED', settledAt: AT, holdId: sold.holdId })
    expect(await entry(lapsed.id)).toMatchObject({ state: 'LAPSED', settledAt: AT })
    expect(await entry(left.id)).toMatchObject({ state: 'LEFT', settledAt: null })
    expect(await entry(open.id)).toMatchObject({ state: 'OFFERED', settledAt: null })
  })

  it('are confirmed with the hold that a late payment bought', async () => {
    const eventId = await openEvent()
    const [lapsed, other] = [await offer(eventId, 'LAPSED'), await offer(eventId)]
    const replacement = holdRow(eventId)
    await run(async (transaction) => {
      await bench.stores.holds.insert(transaction, [replacement])
      await bench.stores.offeredEntries.replace(transaction, lapsed.holdId, replacement.id, AT)
      await bench.stores.offeredEntries.replace(transaction, 'hld_unknown', replacement.id, AT)
    })
    expect(await entry(lapsed.id)).toMatchObject({ state: 'CONFIRMED', holdId: replacement.id, settledAt: AT })
    expect(await entry(other.id)).toMatchObject({ state: 'OFFERED', holdId: other.holdId })
  })
})
