import { describe, expect, it } from 'vitest'
import { Transactions } from '../../../src/infrastructure/transactions.js'
import { tally } from '../../support/fixtures/sales.js'
import {
  entriesOf,
  type Entry,
  fullyHeld,
  join,
  joined,
  leave,
  offer,
  sales,
  second,
  useWaitlist,
} from '../../support/fixtures/waitlist.js'

useWaitlist()

/** Longer than what waits for a lock does so. */
const LONG_TRANSACTION = { timeout: 30_000 }

describe('The waitlist', () => {
  it('assigns a position to each entry in order of joining, also for concurrent requests', async () => {
    const { eventId } = await fullyHeld()
    const ana = await joined(eventId, 'ana')
    const ben = await joined(eventId, 'ben', 2)
    expect([ana.position, ben.position]).toEqual([1, 2])
    const crowd = await Promise.all(
      Array.from({ length: 40 }, (_, i) => join(eventId, `crowd${i}`, 1, i % 2 ? second : sales.service)),
    )
    expect(tally(crowd)).toEqual({ '201': 40 })
    const items = await entriesOf(eventId)
    expect(items.map(({ position }) => position)).toEqual(Array.from({ length: 42 }, (_, index) => index + 1))
    expect(items.slice(0, 2)).toMatchObject([
      { id: ana.id, quantity: 1, state: 'WAITING' },
      { id: ben.id, quantity: 2 },
    ])
    expect(new Set(crowd.map(({ body }) => body.position)).size).toBe(40)
    for (const { body } of crowd) expect(items[body.position - 1]?.id).toBe(body.id)
  })

  it('delays neither a pause nor offers: it grows and changes while the row of the event is locked', async () => {
    const { eventId } = await fullyHeld()
    const ana = await joined(eventId, 'ana')
    // As each change of the event does.
    await sales.prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT 1 FROM events WHERE id = ${eventId} FOR NO KEY UPDATE`
      expect(await join(eventId, 'ben')).toMatchObject({ status: 201, body: { position: 2 } })
      const moved = await sales.service.call('PATCH', `/events/${eventId}/waitlist/${ana.id}`, {
        token: sales.operator.token,
        body: { position: 2 },
      })
      expect(moved).toMatchObject({ status: 200, body: { position: 2 } })
    }, LONG_TRANSACTION)
  })

  it('grows by one entry at a time', async () => {
    const { eventId } = await fullyHeld()
    const order: string[] = []
    let waiting: Promise<unknown> = Promise.resolve()
    const transactions = sales.service.app.get(Transactions)
    await transactions.run(async (transaction) => {
      await transactions.lock(transaction, [`waitlist:${eventId}`], 1_000)
      waiting = join(eventId, 'ana').then(({ status }) => order.push(`joined ${status}`))
      expect((await join((await fullyHeld()).eventId, 'ben')).status).toBe(201)
      await new Promise((resolve) => setTimeout(resolve, 100))
      order.push('free')
    })
    await waiting
    expect(order).toEqual(['free', 'joined 201'])
  })

  it('reveals to a third party neither that an address is on it nor the token to remove the entry', async () => {
    const { eventId } = await fullyHeld()
    const ana = await joined(eventId, 'ana', 2)
    await joined(eventId, 'ben')
    const known = await joined(eventId, 'ANA')
    const unknown = await joined(eventId, 'cem')
    expect([known.position, unknown.position]).toEqual([3, 4])
    expect(Object.keys(known)).toEqual(Object.keys(unknown))
    expect(known.leaveToken).not.toBe(ana.leaveToken)
    expect((await leave(ana.id, known.leaveToken)).status).toBe(404)
    expect((await leave(known.id, known.leaveToken)).status).toBe(204)
    expect(await entriesOf(eventId, '&state=WAITING')).toMatchObject([
      { id: ana.id, position: 1, quantity: 2 },
      { position: 2 },
      { id: unknown.id, position: 3 },
    ])
  })

  it('requires the token to leave, and moves later entries up', async () => {
    const { eventId } = await fullyHeld()
    const [ana, ben] = [await joined(eventId, 'ana'), await joined(eventId, 'ben')]
    expect((await leave(ana.id, ben.leaveToken)).status).toBe(404)
    expect((await leave('wle_none', ana.leaveToken)).status).toBe(404)
    for (const path of [`/waitlist/${ana.id}`, `/waitlist/${ana.id}?token=${ana.leaveToken}`]) {
      const response = await sales.service.call<{ errors: { field: string }[] }>('DELETE', path)
      expect([response.status, response.body.errors[0]?.field]).toEqual([400, 'X-Entry-Token'])
    }
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(204)
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(204)
    expect(await entriesOf(eventId)).toMatchObject([
      { state: 'LEFT', position: null },
      { id: ben.id, position: 1 },
    ])
    expect(await entriesOf(eventId, '&state=LEFT')).toHaveLength(1)
    const again = await joined(eventId, 'ana')
    expect([again.id === ana.id, again.position]).toEqual([false, 2])
    expect((await offer(ana.id)).body.code).toBe('STATE_CONFLICT')
  })

  it('is listed in pages for staff', async () => {
    const { eventId } = await fullyHeld()
    for (const name of ['a', 'b', 'c']) await joined(eventId, name)
    const page = (cursor: string) =>
      sales.service.call<{ items: Entry[]; nextCursor: string | null }>(
        'GET',
        `/events/${eventId}/waitlist?limit=2${cursor}`,
        {
          token: sales.operator.token,
        },
      )
    const first = await page('')
    const next = await page(`&cursor=${first.body.nextCursor}`)
    expect(next.body).toMatchObject({ items: [{ position: 3 }], nextCursor: null })
    expect((await page('&state=UNKNOWN')).status).toBe(400)
    const path = `/events/${eventId}/waitlist`
    expect((await sales.service.call('GET', path, { token: sales.customer.token })).status).toBe(403)
    expect((await sales.service.call('GET', path)).status).toBe(401)
  })

  it('accepts entries that can get an offer, up to 30 per minute from one IP address', async () => {
    const { eventId } = await fullyHeld({ maxHeldPerCustomer: 4 })
    expect((await join('evt_none', 'ana')).status).toBe(404)
    expect((await join(eventId, 'ana', 5)).body).toMatchObject({ code: 'VALIDATION_FAILED' })
    expect((await join(eventId, 'ana', 0)).status).toBe(400)
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => join(eventId, `p${i}`, 1, sales.service, '10.1.1.1')),
    )
    expect(tally(responses)).toEqual({ '201': 30, '429 RATE_LIMITED': 10 })
    const closed = await sales.event()
    await sales.service.call('POST', `/events/${closed}/close`, { token: sales.admin.token })
    expect((await join(closed, 'ana')).body.code).toBe('STATE_CONFLICT')
  })
})
