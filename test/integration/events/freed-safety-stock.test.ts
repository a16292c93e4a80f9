import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CapWriteJournal } from '../../../src/channels/sync/cap-write-journal.js'
import { DesiredState } from '../../../src/channels/desired-state.js'
import { Rebalancer } from '../../../src/rebalancing/rebalancer.js'
import { EventStore } from '../../../src/stock/event-store.js'
import { Stock } from '../../../src/stock/stock.js'
import { eventOnLuma, syncChannel } from '../../support/fixtures/imported-listing.js'
import { Sales, type Person } from '../../support/fixtures/sales.js'

let sales: Sales
let approver: Person

beforeAll(async () => {
  sales = await Sales.start()
  approver = await sales.staff('ADMIN')
})

afterAll(() => sales?.stop())

interface Refusal {
  code?: string
  errors?: { field: string }[]
}
interface StockBody {
  safetyStock: { total: number; remaining: number; freed: number }
  unallocated: number
}

const REASON = 'the band has no guests'

function patch(eventId: string, body: object, by: Person = sales.admin) {
  return sales.service.call<Refusal>('PATCH', `/events/${eventId}`, { token: by.token, body })
}

async function stockOf(eventId: string): Promise<StockBody> {
  return (await sales.service.call<StockBody>('GET', `/events/${eventId}/stock`, { token: sales.admin.token })).body
}

async function release(eventId: string, quantity: number) {
  const body = { platform: 'LUMA', quantity, reason: 'they sell best' }
  const requested = await sales.service.call<{ id: string } & Refusal>(
    'POST',
    `/events/${eventId}/safety-stock/releases`,
    { token: sales.operator.token, body },
  )
  if (requested.status !== 201) return requested
  const path = `/safety-stock/releases/${requested.body.id}/approve`
  return sales.service.call<Refusal>('POST', path, { token: approver.token })
}

/** Everything that distributes free units by itself. */
async function distribute(eventId: string, channelId: string): Promise<void> {
  await sales.service.app.get(CapWriteJournal).follow(eventId)
  await sales.service.app.get(Rebalancer).rebalance(eventId, false)
  await syncChannel(sales, eventId, channelId)
}

/** As after any change that plans the event's caps again. */
async function replan(eventId: string): Promise<void> {
  const { app } = sales.service
  await app.get(Stock).transact(eventId, async (tx) => {
    const event = await app.get(EventStore).withChannels(tx.transaction, eventId)
    await app.get(DesiredState).replan(tx, event, event.channels)
  })
}

describe('Safety stock freed by a change of the event', () => {
  it('requires an ADMIN and a reason', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const asOperator = await patch(eventId, { safetyStockRatio: 0, reason: REASON }, sales.operator)
    expect(asOperator).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    for (const reason of [undefined, '', '   ']) {
      const refused = await patch(eventId, { safetyStockRatio: 0.05, ...(reason === undefined ? {} : { reason }) })
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } })
    }
    expect(await stockOf(eventId)).toMatchObject({ safetyStock: { total: 10, remaining: 10, freed: 0 } })
    expect((await channel()).desiredCap).toBe(90)
    expect((await patch(eventId, { safetyStockRatio: 0.2 }, sales.operator)).status).toBe(200)
    expect((await sales.expectSound(eventId)).SAFETY).toBe(10)
  })

  it('is on record with who freed it and why', async () => {
    const { eventId } = await eventOnLuma(sales)
    expect((await patch(eventId, { safetyStockRatio: 0.04, reason: REASON })).status).toBe(200)
    const audit = await sales.prisma.auditEntry.findFirst({ where: { subject: eventId, action: 'event.change' } })
    expect(audit).toMatchObject({
      actorId: sales.admin.id,
      before: { safetyStockRatio: 0.1 },
      after: { safetyStockRatio: 0.04, reason: REASON },
    })
    const movement = await sales.prisma.stockMovement.findFirst({
      where: { eventId, from: 'SAFETY' },
      include: { operation: true },
    })
    expect(movement).toMatchObject({ to: 'UNALLOCATED', quantity: 6 })
    expect(movement?.operation).toMatchObject({ reason: `safety stock freed: ${REASON}`, actor: 'admin@example.com' })
  })

  it('is not pushed to a platform by anything but a release', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const { id } = await channel()
    expect((await patch(eventId, { safetyStockRatio: 0, reason: REASON })).status).toBe(200)
    await distribute(eventId, id)
    expect(await channel()).toMatchObject({ desiredCap: 90, confirmedCap: 90 })
    const changes = [{ softCapRatio: 0.8 }, { capacity: 101 }, { capacity: 20 }, { capacity: 101 }, { capacity: 100 }]
    for (const change of changes) {
      expect((await patch(eventId, change, sales.operator)).status).toBe(200)
      await distribute(eventId, id)
    }
    await replan(eventId)
    await distribute(eventId, id)
    expect((await channel()).desiredCap).toBeLessThanOrEqual(90)
    expect((await channel()).confirmedCap).toBeLessThanOrEqual(90)
    expect((await stockOf(eventId)).safetyStock.freed).toBe(10)
    await sales.expectSound(eventId)
  })

  it('leaves with a capacity that has no room for it', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const { id } = await channel()
    await patch(eventId, { safetyStockRatio: 0, reason: REASON })
    expect((await patch(eventId, { capacity: 4 }, sales.operator)).status).toBe(200)
    await distribute(eventId, id)
    await distribute(eventId, id)
    const { capacity } = (await sales.service.call('GET', `/events/${eventId}`, { token: sales.admin.token })).body
    // Luma accepts no cap below 1.
    expect(capacity).toBe(4)
    await sales.expectSound(eventId)
  })

  it('covers no cap that a receiver of other units could not get', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const { id } = await channel()
    await patch(eventId, { safetyStockRatio: 0, reason: REASON })
    await sales.prisma.channel.update({ where: { id }, data: { desiredCap: 95, desiredVersion: { increment: 1 } } })
    expect(await syncChannel(sales, eventId, id)).toMatchObject({ kind: 'WAIT' })
    expect((await sales.expectSound(eventId))['ALLOCATED:LUMA']).toBe(90)
  })

  it('goes to a platform by a release, before what is left of the safety stock', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const { id } = await channel()
    await patch(eventId, { safetyStockRatio: 0.04, reason: REASON })
    expect((await stockOf(eventId)).safetyStock).toEqual({ total: 4, remaining: 4, freed: 6 })
    expect((await release(eventId, 11)).body.code).toBe('SOLD_OUT')
    expect((await release(eventId, 5)).status).toBe(200)
    expect((await stockOf(eventId)).safetyStock).toEqual({ total: 4, remaining: 4, freed: 1 })
    expect((await release(eventId, 3)).status).toBe(200)
    expect((await stockOf(eventId)).safetyStock).toEqual({ total: 4, remaining: 2, freed: 0 })
    await sales.service.app.get(CapWriteJournal).follow(eventId)
    expect(await syncChannel(sales, eventId, id)).toMatchObject({ kind: 'WRITE', cap: 98 })
    expect((await sales.expectSound(eventId))['ALLOCATED:LUMA']).toBe(98)
  })

  it('can be sold directly, and is not on sale twice when a sale is over', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    await patch(eventId, { safetyStockRatio: 0, reason: REASON })
    const hold = await sales.createHold(eventId, { quantity: 4 })
    expect((await stockOf(eventId)).safetyStock.freed).toBe(6)
    await replan(eventId)
    expect((await channel()).desiredCap).toBe(90)
    await sales.release(hold.id)
    expect((await stockOf(eventId)).safetyStock.freed).toBe(10)
    await replan(eventId)
    expect((await channel()).desiredCap).toBe(90)
    await sales.expectSound(eventId)
  })

  it('is safety stock again when the ratio is raised', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    await patch(eventId, { safetyStockRatio: 0, reason: REASON })
    expect((await patch(eventId, { safetyStockRatio: 0.1 }, sales.operator)).status).toBe(200)
    expect((await stockOf(eventId)).safetyStock).toEqual({ total: 10, remaining: 10, freed: 0 })
    expect((await channel()).desiredCap).toBe(90)
    await sales.expectSound(eventId)
  })
})

describe('A change of the capacity', () => {
  it('by an OPERATOR frees no safety stock: units of a smaller house leave it', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const { id } = await channel()
    expect((await patch(eventId, { capacity: 50 }, sales.operator)).status).toBe(200)
    await distribute(eventId, id)
    await sales.service.app.get(CapWriteJournal).follow(eventId)
    expect(await channel()).toMatchObject({ desiredCap: 45, confirmedCap: 45 })
    expect(await stockOf(eventId)).toMatchObject({ safetyStock: { total: 5, remaining: 5, freed: 0 }, unallocated: 0 })
    await sales.expectSound(eventId)
  })

  it('keeps safety stock that exceeds its share', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const held = await sales.hold(eventId, { quantity: 5, source: 'SAFETY_STOCK' }, { by: sales.operator })
    expect((await patch(eventId, { capacity: 105 }, sales.operator)).status).toBe(200)
    await sales.release(held.body.id, { by: sales.operator })
    const before = (await sales.balances(eventId)).SAFETY
    expect(before).toBeGreaterThan(11)
    expect((await patch(eventId, { capacity: 106 }, sales.operator)).status).toBe(200)
    expect((await sales.balances(eventId)).SAFETY).toBe(before)
    expect((await channel()).desiredCap).toBeLessThanOrEqual(106 - before)
    await sales.expectSound(eventId)
  })
})
