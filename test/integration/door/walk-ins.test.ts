import { describe, expect, it } from 'vitest'
import { openDoorStage } from '../../support/fixtures/door.js'
import { tally } from '../../support/fixtures/sales.js'

const stage = openDoorStage()
const { walkIn, takeBackWalkIn, inTheRoom, attendees, takeBack } = stage

const withSafetyStock = async (fields: object = {}) => {
  stage.eventId = await stage.sales.event({ safetyStockRatio: 0.1, ...fields })
}
const audited = (action: string) =>
  stage.sales.prisma.auditEntry.findMany({ where: { action, actorId: stage.door.id }, orderBy: { id: 'desc' } })

describe('A counted walk-in', () => {
  it('is a number on record with who let them in, and moves no stock', async () => {
    const before = await stage.sales.balances(stage.eventId)
    const at = '2030-01-01T18:10:00.000Z'
    const recorded = await walkIn({ quantity: 3, from: 'COUNT', at, deviceId: 'phone-1' })
    expect(recorded.status).toBe(201)
    expect(recorded.body).toEqual({ id: recorded.body.id, quantity: 3, from: 'COUNT', at })
    expect(await inTheRoom()).toMatchObject({ checkedIn: 0, walkIns: 3, inTheRoom: 3, sold: 0 })
    expect(await stage.sales.expectSound(stage.eventId)).toEqual(before)
    expect((await audited('walk-in.record'))[0]).toMatchObject({
      subject: recorded.body.id,
      after: { eventId: stage.eventId, from: 'COUNT', quantity: 3, at, deviceId: 'phone-1', orderId: null },
    })
  })

  it('is possible when nothing may be sold: sold out, closed or ended', async () => {
    stage.eventId = await stage.sales.event({
      capacity: 1,
      startsAt: '2020-01-01T18:00:00Z',
      endsAt: '2020-01-01T20:00:00Z',
    })
    await stage.sales.service.call('POST', `/events/${stage.eventId}/close`, { token: stage.sales.admin.token })
    expect((await walkIn({ quantity: 50, from: 'COUNT' })).status).toBe(201)
    expect(await inTheRoom()).toMatchObject({ capacity: 1, inTheRoom: 50 })
  })

  it('is taken back once, by an operator, and a retry of its phone does not count it again', async () => {
    const send = () => walkIn({ quantity: 2, from: 'COUNT' }, { key: 'one' })
    const { id } = (await send()).body
    await walkIn({ quantity: 1, from: 'COUNT' })
    for (const by of [stage.door, stage.viewer, stage.sales.customer])
      expect((await takeBackWalkIn(id, by)).status).toBe(403)
    expect((await takeBackWalkIn(id)).status).toBe(204)
    expect((await takeBackWalkIn(id)).status).toBe(204)
    expect((await send()).status).toBe(200)
    expect((await inTheRoom()).walkIns).toBe(1)
    const entries = await stage.sales.prisma.auditEntry.findMany({
      where: { action: 'walk-in.take-back', subject: id },
    })
    expect(entries).toMatchObject([{ actorId: stage.sales.operator.id, before: { quantity: 2 } }])
    expect((await takeBackWalkIn('wlk_none')).status).toBe(404)
  })
})

describe('A walk-in from the safety stock', () => {
  it('is sold and in at once, without a name or an address, and counts once', async () => {
    await withSafetyStock()
    const mails = await stage.sales.prisma.mail.count()
    const at = '2030-01-01T18:10:00.000Z'
    const sold = await walkIn({ quantity: 2, from: 'SAFETY', at, deviceId: 'phone-1' })
    expect(sold).toMatchObject({ status: 201, body: { quantity: 2, from: 'SAFETY', at } })
    expect(await inTheRoom()).toMatchObject({ sold: 2, checkedIn: 2, walkIns: 0, inTheRoom: 2 })
    expect((await inTheRoom()).channels).toEqual([
      { channelId: 'DIRECT', platform: 'DIRECT', label: null, sold: 2, attended: 2 },
    ])
    expect((await stage.sales.expectSound(stage.eventId)).SAFETY).toBe(8)
    const [listed] = (await attendees()).body.items
    expect(listed).toMatchObject({ name: null, email: null, tickets: [{ checkedInAt: at }, { checkedInAt: at }] })
    expect(await stage.sales.prisma.mail.count()).toBe(mails)
    const [sale] = await audited('safety-stock.sell')
    expect(sale).toMatchObject({ after: { quantity: 2, reason: 'walk-in' } })
    expect((await audited('walk-in.record'))[0]).toMatchObject({ after: { orderId: sale?.subject } })
  })

  it('leaves the room when its check-in or its order is taken back', async () => {
    await withSafetyStock()
    const { id } = (await walkIn({ quantity: 3, from: 'SAFETY' })).body
    const refused = await takeBackWalkIn(id)
    const orderId = refused.body.detail?.match(/ord_\w+/)?.[0]
    expect([refused.status, orderId]).toEqual([409, expect.any(String)])
    await takeBack((await stage.firstTicket())?.id ?? '')
    expect(await inTheRoom()).toMatchObject({ sold: 3, inTheRoom: 2 })
    const token = stage.sales.operator.token
    await stage.sales.service.call('POST', `/orders/${orderId}/cancel`, { token, body: { reason: 'wrong' } })
    expect(await inTheRoom()).toMatchObject({ sold: 0, inTheRoom: 0 })
    expect((await stage.sales.expectSound(stage.eventId)).HELD).toBe(0)
  })

  it('is limited to the safety stock, also for phones at the same time', async () => {
    await withSafetyStock()
    const responses = await Promise.all(Array.from({ length: 8 }, () => walkIn({ quantity: 3, from: 'SAFETY' })))
    expect(tally(responses)).toEqual({ '201': 3, '409 SOLD_OUT': 5 })
    expect(await inTheRoom()).toMatchObject({ sold: 9, inTheRoom: 9 })
    expect((await stage.sales.expectSound(stage.eventId)).SAFETY).toBe(1)
  })

  it('is refused as every sale from it: paused, closed, or after the end', async () => {
    await withSafetyStock()
    const act = (action: string) =>
      stage.sales.service.call('POST', `/events/${stage.eventId}/${action}`, { token: stage.sales.admin.token })
    await act('pause')
    const send = () => walkIn({ quantity: 1, from: 'SAFETY' }, { key: 'later' })
    expect((await send()).body.code).toBe('STATE_CONFLICT')
    await act('resume')
    // A refused one leaves its key unused.
    expect((await send()).status).toBe(201)
    await act('close')
    expect((await walkIn({ quantity: 1, from: 'SAFETY' })).body.code).toBe('STATE_CONFLICT')
    await withSafetyStock({ startsAt: '2020-01-01T18:00:00Z', endsAt: '2020-01-01T20:00:00Z' })
    expect((await walkIn({ quantity: 1, from: 'SAFETY' })).body.code).toBe('STATE_CONFLICT')
  })
})

describe('Walk-ins', () => {
  it.each(['COUNT', 'SAFETY'])(
    'are recorded once under one Idempotency-Key, also at the same time: %s',
    async (from) => {
      await withSafetyStock()
      const send = () => walkIn({ quantity: 2, from }, { key: 'once' })
      const responses = [...(await Promise.all(Array.from({ length: 8 }, send))), await send()]
      expect(tally(responses)).toEqual({ '201': 1, '200': 8 })
      expect(new Set(responses.map(({ body }) => JSON.stringify(body))).size).toBe(1)
      expect((await inTheRoom()).inTheRoom).toBe(2)
      for (const change of [{ quantity: 1 }, { from: from === 'COUNT' ? 'SAFETY' : 'COUNT' }, { deviceId: 'x' }]) {
        const refused = await walkIn({ quantity: 2, from, ...change }, { key: 'once' })
        expect(refused).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_CONFLICT' } })
      }
      expect((await walkIn({ quantity: 2, from }, { by: stage.sales.operator, key: 'once' })).status).toBe(201)
      expect((await inTheRoom()).inTheRoom).toBe(4)
      await stage.sales.expectSound(stage.eventId)
    },
  )

  it('need a quantity of 1 to 50, where they come from, and nothing else', async () => {
    const bodies = [
      { from: 'COUNT' },
      { quantity: 0, from: 'COUNT' },
      { quantity: 51, from: 'COUNT' },
      { quantity: 1.5, from: 'COUNT' },
      { quantity: 1 },
      { quantity: 1, from: 'DIRECT' },
      { quantity: 1, from: 'COUNT', at: 'now' },
      { quantity: 1, from: 'COUNT', name: 'Ada' },
    ]
    for (const body of bodies) expect([body, (await walkIn(body)).status]).toEqual([body, 400])
    for (const key of ['', 'x'.repeat(201)])
      expect((await walkIn({ quantity: 1, from: 'COUNT' }, { key })).status).toBe(400)
    for (const by of [stage.viewer, stage.sales.customer]) {
      expect((await walkIn({ quantity: 1, from: 'COUNT' }, { by })).status).toBe(403)
    }
    stage.eventId = 'evt_none'
    for (const from of ['COUNT', 'SAFETY']) expect((await walkIn({ quantity: 1, from })).status).toBe(404)
  })
})
