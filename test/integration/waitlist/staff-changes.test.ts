import { describe, expect, it } from 'vitest'
import { WaitlistOffers } from '../../../src/waitlist/waitlist-offers.js'
import {
  claim,
  entriesOf,
  fullyHeld,
  joined,
  mailedToken,
  offer,
  sales,
  second,
  useWaitlist,
} from '../../support/fixtures/waitlist.js'

useWaitlist()

interface Problem {
  code?: string
  position?: number
}

describe('Staff', () => {
  const remove = (eventId: string, id: string, token = sales.operator.token) =>
    sales.service.call<Problem>('DELETE', `/events/${eventId}/waitlist/${id}`, { token })
  const move = (eventId: string, id: string, position: unknown, on = sales.service, token = sales.operator.token) =>
    on.call<Problem>('PATCH', `/events/${eventId}/waitlist/${id}`, { token, body: { position } })
  const order = async (eventId: string) =>
    (await entriesOf(eventId)).flatMap(({ id, position }) => (position === null ? [] : [id]))

  it('remove an entry; its offer ends, but not what is bought', async () => {
    const { eventId, hold } = await fullyHeld()
    const [ana, ben, cem] = [await joined(eventId, 'ana'), await joined(eventId, 'ben'), await joined(eventId, 'cem')]
    await sales.release(hold.id)
    for (const { id } of [ben, cem]) expect((await offer(id)).status).toBe(201)
    expect((await claim(cem.id, { token: await mailedToken('cem') })).status).toBe(200)
    const viewer = await sales.staff('VIEWER')
    expect((await remove(eventId, ana.id, viewer.token)).status).toBe(403)
    expect((await remove(await sales.event(), ana.id)).status).toBe(404)
    expect((await remove(eventId, 'wle_none')).status).toBe(404)
    for (const { id } of [ana, ben, ben]) expect((await remove(eventId, id)).status).toBe(204)
    expect((await remove(eventId, cem.id)).body.code).toBe('STATE_CONFLICT')
    expect((await entriesOf(eventId)).map(({ state }) => state)).toEqual(['LEFT', 'LEFT', 'CONFIRMED'])
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 1, 'ALLOCATED:DIRECT': 3 })
    const audited = { action: 'waitlist.remove', subject: { in: [ana.id, ben.id] } }
    expect(await sales.prisma.auditEntry.count({ where: audited })).toBeGreaterThanOrEqual(2)
  })

  it('move an entry, and offers follow the new order', async () => {
    const { eventId, hold } = await fullyHeld({ waitlistPolicy: 'AUTOMATIC' }, 1)
    const ids: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) ids.push((await joined(eventId, name)).id)
    const [a = '', b = '', c = '', d = ''] = ids
    expect((await move(eventId, c, 1)).body).toMatchObject({ id: c, position: 1 })
    expect(await order(eventId)).toEqual([c, a, b, d])
    expect((await move(eventId, c, 3)).body).toMatchObject({ position: 3 })
    expect((await move(eventId, a, 99)).body).toMatchObject({ position: 4 })
    expect(await order(eventId)).toEqual([b, c, d, a])
    for (const position of [0, 1.5, '1', null]) expect((await move(eventId, a, position)).status).toBe(400)
    const viewer = await sales.staff('VIEWER')
    expect((await move(eventId, a, 1, sales.service, viewer.token)).status).toBe(403)
    expect((await move(await sales.event(), a, 1)).status).toBe(404)
    await sales.release(hold.id)
    await sales.service.app.get(WaitlistOffers).offerAll()
    expect((await entriesOf(eventId, '&state=OFFERED')).map(({ id }) => id)).toEqual([b])
    expect((await move(eventId, b, 2)).body.code).toBe('STATE_CONFLICT')
    expect((await remove(eventId, a)).status).toBe(204)
    expect((await move(eventId, a, 1)).body.code).toBe('STATE_CONFLICT')
  })

  it('move entries at once, and none is lost', async () => {
    const { eventId } = await fullyHeld()
    const ids: string[] = []
    for (let index = 0; index < 12; index++) ids.push((await joined(eventId, `m${index}`)).id)
    const moves = await Promise.all(
      ids.map((id, index) => move(eventId, id, (index * 5) % 12 || 1, index % 2 ? second : sales.service)),
    )
    expect(new Set(moves.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await order(eventId)).toSorted()).toEqual(ids.toSorted())
  })
})
