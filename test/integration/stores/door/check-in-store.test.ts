import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-12-20T18:30:00.000Z')
const LATER = new Date(AT.getTime() + 60_000)

describeStores('The check-in store', (bench) => {
  /** Ids of three tickets in ascending order, of which the last two share the code of a platform. */
  async function tickets() {
    const event = eventRow()
    await bench.insert('events', event)
    const issued = [1, 2, 3].map(() => ({ id: newId('tkt'), code: newId('code') }))
    const order = { id: newId('ord'), buyer: { name: 'Ada', email: 'ada@example.com' }, tickets: issued }
    const { transactions, directOrders } = bench.stores
    await transactions.run((transaction) => directOrders.insert(transaction, event.id, [order], AT))
    const [first, ...others] = issued.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const externalCode = newId('pass')
    for (const { id } of others) await bench.change('tickets', { id }, { externalCode })
    return { eventId: event.id, externalCode, own: first as (typeof issued)[0], ids: others.map(({ id }) => id) }
  }
  const find = (eventId: string, ids: string[], codes: string[]) =>
    bench.stores.transactions.run((transaction) => bench.stores.checkIns.find(transaction, eventId, ids, codes))
  const write = (ticketId: string, checkedInAt: Date, deviceId: string | null = null) =>
    bench.stores.transactions.run((transaction) =>
      bench.stores.checkIns.write(transaction, [
        { ticketId, checkedInAt, userId: 'usr_1', deviceId, recordedAt: LATER },
      ]),
    )

  it('finds tickets of the event by id, by our code and by a code that tickets share', async () => {
    const { eventId, externalCode, own, ids } = await tickets()
    const none = { own: null, deviceId: null, external: null, revokedCodes: [] }
    const known = { state: 'VALID', name: 'Ada', platform: 'DIRECT', ...none }
    expect(await find(eventId, [own.id], [])).toEqual([{ id: own.id, code: own.code, externalCode: null, ...known }])
    expect(await find(eventId, [], [own.code])).toHaveLength(1)
    expect(await find(eventId, [own.id], [externalCode])).toMatchObject([own.id, ...ids].map((id) => ({ id })))
    expect(await find(newId('evt'), [own.id], [own.code])).toEqual([])
    expect(await find(eventId, [], [])).toEqual([])
    expect(await bench.stores.checkIns.eventOf(own.id)).toBe(eventId)
    expect(await bench.stores.checkIns.eventOf('tkt_none')).toBeNull()
  })

  it('finds a ticket by a code that it had before it was given to another person', async () => {
    const { eventId, own } = await tickets()
    const code = newId('code')
    await bench.change('tickets', { id: own.id }, { code, transferredAt: AT })
    const transfer = { id: newId('trf'), ticketId: own.id, byId: 'usr_1', transferredAt: AT }
    await bench.insert('ticketTransfers', { ...transfer, revokedCode: own.code })
    expect(await find(eventId, [], [own.code])).toMatchObject([{ id: own.id, code, revokedCodes: [own.code] }])
    expect(await find(eventId, [], [code])).toMatchObject([{ id: own.id, revokedCodes: [] }])
  })

  it('replaces the check-in of a ticket', async () => {
    const { eventId, own } = await tickets()
    await write(own.id, LATER, 'phone-1')
    expect(await find(eventId, [own.id], [])).toMatchObject([{ own: LATER, deviceId: 'phone-1' }])
    await write(own.id, AT)
    expect(await find(eventId, [own.id], [])).toMatchObject([{ own: AT, deviceId: null }])
    expect(await bench.rows('checkIns', { ticketId: own.id })).toHaveLength(1)
  })

  it('ignores the check-in on the platform that was taken back, and a later one not', async () => {
    const { eventId, own } = await tickets()
    const { transactions, checkIns } = bench.stores
    const takeBack = () => transactions.run((transaction) => checkIns.takeBack(transaction, own.id))
    await takeBack()
    await bench.change('tickets', { id: own.id }, { externalCheckedInAt: AT })
    await write(own.id, LATER)
    expect(await find(eventId, [own.id], [])).toMatchObject([{ own: LATER, external: AT }])
    await takeBack()
    expect(await find(eventId, [own.id], [])).toMatchObject([{ own: null, external: null }])
    await bench.change('tickets', { id: own.id }, { externalCheckedInAt: LATER })
    expect(await find(eventId, [own.id], [])).toMatchObject([{ own: null, external: LATER }])
  })
})
