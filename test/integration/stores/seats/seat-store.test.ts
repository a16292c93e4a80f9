import { expect, it } from 'vitest'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

describeStores('The seat store', (bench) => {
  it('creates the seats of a chart in their order', async () => {
    const [event, other] = [eventRow(), eventRow()]
    for (const row of [event, other]) await bench.insert('events', row)
    const { seats, transactions } = bench.stores
    const create = (eventId: string, labels: string[]) =>
      transactions.run((transaction) => seats.createChart(transaction, eventId, labels))
    await create(event.id, ['B-1-2', 'A-1-1'])
    await create(event.id, [])
    await create(other.id, ['A-1-1'])
    expect(await bench.rows('seats', { eventId: event.id })).toEqual([
      { eventId: event.id, seat: 'B-1-2', position: 1 },
      { eventId: event.id, seat: 'A-1-1', position: 2 },
    ])
    await expect(create(event.id, ['C-1-1', 'A-1-1'])).rejects.toThrow()
    expect(await bench.rows('seats', { eventId: event.id })).toHaveLength(2)
  })
})
