import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CapWriteJournal } from '../../src/channels/cap-write-journal.js'
import { SoftCap } from '../../src/channels/soft-cap.js'
import type { Channel } from '../../src/generated/prisma/client.js'
import { BUYER, Sales, tally, type Person, type Ticket } from '../support/sales.js'

let sales: Sales
let asker: Person

beforeAll(async () => {
  sales = await Sales.start()
  asker = await sales.staff('ADMIN')
})

afterAll(() => sales?.stop())

interface Release {
  id: string
  state: string
  code?: string
}

const SALE = { quantity: 2, buyer: BUYER, reason: 'guests of the band' }

function sell(eventId: string, body: object = SALE, by: Person = sales.operator) {
  const path = `/events/${eventId}/safety-stock/sales`
  return sales.service.call<{ orderId: string; tickets: Ticket[]; code?: string }>('POST', path, {
    token: by.token,
    body,
  })
}

function ask(eventId: string, body: object, by: Person = sales.operator) {
  return sales.service.call<Release>('POST', `/events/${eventId}/safety-stock/releases`, { token: by.token, body })
}

function decide(id: string, what: 'approve' | 'reject', by: Person = sales.admin) {
  return sales.service.call<Release>('POST', `/safety-stock/releases/${id}/${what}`, { token: by.token })
}

const act = (eventId: string, action: string) =>
  sales.service.call('POST', `/events/${eventId}/${action}`, { token: sales.admin.token })

/** An event whose Luma listing is taken over and in step: 90 may be sold there, 10 are safety stock. */
async function eventOnLuma(fields: object = {}): Promise<{ eventId: string; channel: () => Promise<Channel> }> {
  const listing = { platform: 'LUMA', externalEventId: `evt-${Math.random().toString(36).slice(2)}` }
  const eventId = await sales.event({ safetyStockRatio: 0.1, channels: [listing], ...fields })
  const channel = () => sales.prisma.channel.findFirstOrThrow({ where: { eventId } })
  const { id } = await channel()
  const adopted = { importedAt: new Date(), desiredCap: 90, confirmedCap: 1, confirmedMode: 'OPEN' } as const
  await sales.prisma.channel.update({ where: { id }, data: adopted })
  await sync(eventId, id)
  return { eventId, channel }
}

/** As a sync does it with a platform that accepts, and has sold nothing: the next write, and its confirmation. */
async function sync(eventId: string, channelId: string) {
  const writes = sales.service.app.get(CapWriteJournal)
  const begun = await writes.begin(eventId, channelId)
  if (begun.write.kind !== 'WRITE') return begun.write
  const { cap, mode } = begun.write
  await writes.confirm(begun, { cap, mode, pending: 0, sold: 0, confirmedAt: new Date() }, { settleMs: 0 })
  return begun.write
}

describe('a sale from the safety stock', () => {
  it('is sold on DIRECT at once, with who and why', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const sold = await sell(eventId)
    expect(sold.status).toBe(201)
    expect(sold.body.tickets).toHaveLength(2)
    const stock = await sales.service.call('GET', `/events/${eventId}/stock`, { token: sales.admin.token })
    expect(stock.body).toMatchObject({ sold: 2, safetyStock: { total: 10, remaining: 8 } })
    const [movement] = await sales.prisma.stockMovement.findMany({
      where: { eventId, to: 'SOLD:DIRECT' },
      include: { operation: true },
    })
    expect(movement).toMatchObject({ from: 'SAFETY', quantity: 2 })
    expect(movement?.operation).toMatchObject({
      reason: 'safety stock sale: guests of the band',
      actor: sales.operator.email,
    })
    const audit = await sales.prisma.auditEntry.findFirst({ where: { subject: sold.body.orderId } })
    expect(audit).toMatchObject({ actorId: sales.operator.id, action: 'safety-stock.sell' })
    await sales.mustBeSound(eventId)
  })

  it('ends with the safety stock, also when all come at once', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => sell(eventId, { ...SALE, quantity: 3 })))
    expect(tally(answers)).toEqual({ '201': 3, '409 SOLD_OUT': 17 })
    expect((await sales.mustBeSound(eventId)).SAFETY).toBe(1)
  })

  it('is for operators, with a reason, while the event is not paused or closed', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    expect((await sell(eventId, SALE, sales.customer)).status).toBe(403)
    for (const reason of ['', '   ', undefined]) expect((await sell(eventId, { ...SALE, reason })).status).toBe(400)
    expect((await sell('evt_none')).status).toBe(404)
    await act(eventId, 'pause')
    expect((await sell(eventId)).body.code).toBe('STATE_CONFLICT')
    await act(eventId, 'resume')
    expect((await sell(eventId)).status).toBe(201)
    await act(eventId, 'close')
    expect((await sell(eventId)).body.code).toBe('STATE_CONFLICT')
  })

  it('goes on after the red alarm, when customers get nothing that belongs to no channel', async () => {
    const { eventId } = await eventOnLuma({ softCapRatio: 0.05, directWeight: 0 })
    await sales.prisma.channel.updateMany({ where: { eventId }, data: { desiredCap: 50 } })
    await sync(eventId, (await sales.prisma.channel.findFirstOrThrow({ where: { eventId } })).id)
    expect((await sales.balances(eventId)).UNALLOCATED).toBe(40)
    expect((await sales.hold(eventId, { quantity: 5 })).status).toBe(201)
    await sales.service.app.get(SoftCap).check(eventId)
    expect((await sales.hold(eventId, { quantity: 1 })).body.code).toBe('SOLD_OUT')
    expect((await sales.hold(eventId, { quantity: 1 }, { by: sales.operator })).status).toBe(201)
    expect((await sell(eventId)).status).toBe(201)
    await sales.mustBeSound(eventId)
  })
})

describe('a release of safety stock to a platform', () => {
  it('raises what is wanted there, with units that nobody else gets', async () => {
    const { eventId, channel } = await eventOnLuma()
    const asked = await ask(eventId, { platform: 'LUMA', quantity: 4, reason: 'they sell best' })
    expect(asked).toMatchObject({ status: 201, body: { state: 'PENDING' } })
    expect((await sales.balances(eventId)).SAFETY).toBe(10)
    expect((await decide(asked.body.id, 'approve')).body.state).toBe('APPROVED')
    const { id, desiredCap, desiredMode } = await channel()
    expect({ desiredCap, desiredMode }).toEqual({ desiredCap: 94, desiredMode: 'OPEN' })
    // Allocations follow exposure before the write goes out: the units must still be there for it.
    await sales.service.app.get(CapWriteJournal).follow(eventId)
    expect((await sales.hold(eventId, { quantity: 1 }, { by: sales.operator })).body.code).toBe('SOLD_OUT')
    expect(await sync(eventId, id)).toMatchObject({ kind: 'WRITE', cap: 94, mode: 'OPEN' })
    expect(await sales.mustBeSound(eventId)).toMatchObject({ SAFETY: 6, 'ALLOCATED:LUMA': 94, IN_TRANSIT: 0 })
    const actions = await sales.prisma.auditEntry.findMany({
      where: { subject: asked.body.id },
      orderBy: { id: 'asc' },
    })
    expect(actions.map(({ actorId, action }) => [actorId, action])).toEqual([
      [sales.operator.id, 'safety-stock.release.request'],
      [sales.admin.id, 'safety-stock.release.approve'],
    ])
  })

  it('opens that platform alone after a red alarm, for just as many; a second one adds to it', async () => {
    const { eventId, channel } = await eventOnLuma({ softCapRatio: 0.02 })
    await sell(eventId, { ...SALE, quantity: 3 })
    await sales.service.app.get(SoftCap).check(eventId)
    const { id, desiredMode } = await channel()
    expect(desiredMode).toBe('WAITLIST_ONLY')
    expect(await sync(eventId, id)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 1 })
    for (const [quantity, cap] of [[4, 4], [2, 6]] as const) {
      const asked = await ask(eventId, { platform: 'LUMA', quantity, reason: 'the last ones' })
      expect((await decide(asked.body.id, 'approve')).status).toBe(200)
      expect(await channel()).toMatchObject({ desiredCap: cap, desiredMode: 'OPEN' })
      expect(await sync(eventId, id)).toMatchObject({ kind: 'WRITE', mode: 'OPEN', cap, lane: 'grow' })
    }
    expect(await sales.mustBeSound(eventId)).toMatchObject({ SAFETY: 1, 'ALLOCATED:LUMA': 6 })
    const stock = await sales.service.call('GET', `/events/${eventId}/stock`, { token: sales.admin.token })
    expect(stock.body).toMatchObject({ state: 'RED_ALARM' })
  }) // prettier-ignore

  it('needs another admin: the requester gets 403, decided or not, and an operator always', async () => {
    const { eventId } = await eventOnLuma()
    const { id } = (await ask(eventId, { platform: 'LUMA', quantity: 1, reason: 'mine' }, asker)).body
    for (const what of ['approve', 'reject'] as const) {
      expect((await decide(id, what, asker)).status).toBe(403)
      expect((await decide(id, what, sales.operator)).status).toBe(403)
    }
    expect((await decide(id, 'approve')).status).toBe(200)
    expect((await decide(id, 'approve', asker)).status).toBe(403)
    const again = await decide(id, 'reject')
    expect([again.status, again.body.code]).toEqual([409, 'STATE_CONFLICT'])
    expect((await decide('rel_none', 'approve')).status).toBe(404)
    expect((await sales.mustBeSound(eventId)).SAFETY).toBe(9)
  })

  it('is decided once, however many decide at once', async () => {
    const { eventId, channel } = await eventOnLuma()
    const { id } = (await ask(eventId, { platform: 'LUMA', quantity: 5, reason: 'more' })).body
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        decide(id, index % 2 ? 'approve' : 'reject', index % 3 ? asker : sales.admin),
      ),
    )
    expect(tally(answers)).toEqual({ '200': 1, '409 STATE_CONFLICT': 9 })
    const approved = answers.find(({ status }) => status === 200)?.body.state === 'APPROVED'
    expect((await sales.balances(eventId)).SAFETY).toBe(approved ? 5 : 10)
    expect((await channel()).desiredCap).toBe(approved ? 95 : 90)
  })

  it('is refused where it cannot be', async () => {
    const { eventId } = await eventOnLuma()
    expect((await ask(eventId, { platform: 'MEETUP', quantity: 1, reason: 'x' })).status).toBe(400)
    expect((await ask(eventId, { platform: 'LUMA', quantity: 11, reason: 'x' })).body.code).toBe('SOLD_OUT')
    expect((await ask('evt_none', { platform: 'LUMA', quantity: 1, reason: 'x' })).status).toBe(404)
    const { id } = (await ask(eventId, { platform: 'LUMA', quantity: 10, reason: 'x' })).body
    await sell(eventId)
    expect((await decide(id, 'approve')).body.code).toBe('SOLD_OUT')
    await act(eventId, 'pause')
    expect((await decide(id, 'approve')).body.code).toBe('STATE_CONFLICT')
    expect((await decide(id, 'reject')).body.state).toBe('REJECTED')
    await sales.mustBeSound(eventId)
  })

  it('is listed while it waits', async () => {
    const { eventId } = await eventOnLuma()
    const made = [1, 2, 3].map((quantity) => ask(eventId, { platform: 'LUMA', quantity, reason: 'x' }))
    const [first] = await Promise.all(made)
    await decide(first?.body.id ?? '', 'reject')
    const list = (query: string, token = sales.operator.token) =>
      sales.service.call<{ items: Release[]; nextCursor: string | null }>('GET', `/safety-stock/releases?${query}`, {
        token,
      })
    const waiting = await list(`eventId=${eventId}&state=PENDING`)
    expect(waiting.body.items).toHaveLength(2)
    expect(waiting.body.items[0]).toMatchObject({ eventId, platform: 'LUMA', state: 'PENDING', decidedBy: null })
    const page = await list(`eventId=${eventId}&limit=2`)
    const rest = await list(`eventId=${eventId}&limit=2&cursor=${page.body.nextCursor}`)
    expect([...page.body.items, ...rest.body.items]).toHaveLength(3)
    expect((await list('state=MAYBE')).status).toBe(400)
    expect((await list('', sales.customer.token)).status).toBe(403)
  })
})
