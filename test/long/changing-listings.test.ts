import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventChannelDto, EventDto } from '../../src/events/event-response.dto.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { reconcile, untilInSync } from '../support/fixtures/reconcile.js'
import { startTestSystem, until, type TestSystem } from '../support/service/test-system.js'
import { verify } from '../support/fixtures/proof-records.js'

let system: TestSystem

beforeAll(async () => {
  system = await startTestSystem()
}, 120_000)
afterAll(() => system?.close(), 60_000)

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
const call = async <T = unknown>(method: Method, path: string, body?: object) =>
  system.app.call<T>(method, path, { token: system.token, ...(body ? { body } : {}) })
const channelsOf = async (eventId: string) => (await system.stock(eventId)).channels
const channelOf = async (eventId: string, id: string) => {
  const channel = (await channelsOf(eventId)).find((one) => one.id === id)
  if (!channel) throw new Error(`${eventId} has no channel ${id}`)
  return channel
}
const buyers = (() => {
  let count = 0
  return () => `buyer-${(count += 1)}@example.com`
})()
const sellOnLuma = (luma: string, tickets = 1) => {
  for (let ticket = 0; ticket < tickets; ticket++)
    system.luma.control.register({ eventId: luma, name: 'Ada', email: buyers() })
}
/** The proof of the event must be valid, whatever its channels went through. */
const expectProven = async (eventId: string) => {
  const response = await fetch(`${system.app.url}/api/v1/events/${eventId}/proof`, {
    headers: { authorization: `Bearer ${system.token}` },
  })
  const { code, output } = await verify(await response.text())
  expect({ code, output }).toMatchObject({ code: 0 })
  return output
}
const attach = async (eventId: string, body: object) => {
  const attached = await call<EventChannelDto>('POST', `/events/${eventId}/channels`, body)
  expect(attached).toMatchObject({ status: 201, body: { state: 'ATTACHED' } })
  return attached.body.id
}
const untilDetached = (eventId: string, id: string) =>
  until(async () => expect(await channelOf(eventId, id)).toMatchObject({ state: 'DETACHED' }), 30_000)

describe('A listing that is added to an event on sale', () => {
  it('is imported with its sales and gets its share; no more can be sold than the capacity at any instant', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(100, listings, {
      channels: [{ platform: 'LUMA', externalEventId: listings.luma }],
    })
    await untilInSync(system, eventId)
    sellOnLuma(listings.luma, 3)
    const added = system.eventbrite.control.createEvent({ capacityTotal: 40, waitlistEnabled: true })
    system.eventbrite.control.buy({ eventId: added.id, quantity: 4 })
    const id = await attach(eventId, { platform: 'EVENTBRITE', externalEventId: added.id, label: 'Members', weight: 2 })
    await untilInSync(system, eventId)
    await until(async () => expect(await system.stock(eventId)).toMatchObject({ sold: 7 }))
    const shown = await channelsOf(eventId)
    expect(shown.find((channel) => channel.id === id)).toMatchObject({ label: 'Members', sold: 4 })
    const exposed = shown.reduce((sum, { exposure }) => sum + (exposure ?? 0), 0)
    expect(exposed).toBe(90)
    const event = await call<EventDto>('GET', `/events/${eventId}`)
    expect(event.body.channels.find((channel) => channel.id === id)).toMatchObject({
      label: 'Members',
      state: 'ATTACHED',
      weight: 2,
    })
    expect((await reconcile(system, { eventId })).items).toEqual([])
    await expectProven(eventId)
  })

  it('is refused where this or another live event has it, or a part of it', async () => {
    const [one, other] = [system.list(), system.list()]
    const channels = [{ platform: 'LUMA', externalEventId: one.luma }]
    const eventId = await system.createEvent(50, one, { channels })
    await system.createEvent(50, other, { channels: [{ platform: 'LUMA', externalEventId: other.luma }] })
    const path = `/events/${eventId}/channels`
    for (const externalEventId of [one.luma, other.luma]) {
      for (const part of [{}, { externalTicketClassId: 'type' }]) {
        const refused = await call('POST', path, { platform: 'LUMA', externalEventId, ...part })
        expect(refused).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
      }
    }
    expect(
      await call('POST', '/events/evt_unknown/channels', { platform: 'LUMA', externalEventId: 'x' }),
    ).toMatchObject({
      status: 404,
    })
    expect(await call('POST', path, { platform: 'LUMA', externalEventId: '' })).toMatchObject({ status: 400 })
  })
})

describe('A listing that is detached', () => {
  it('is closed, keeps its sales, and gives its units to the others; nothing is read there any more', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(60, listings)
    await untilInSync(system, eventId)
    sellOnLuma(listings.luma, 2)
    const { id } = (await channelsOf(eventId)).find(({ platform }) => platform === 'LUMA') ?? { id: '' }
    await until(async () => expect(await channelOf(eventId, id)).toMatchObject({ sold: 2 }))
    expect(await call('DELETE', `/events/${eventId}/channels/${id}`, {})).toMatchObject({ status: 400 })
    const detached = await call('DELETE', `/events/${eventId}/channels/${id}`, { reason: 'moved to Eventbrite' })
    expect(detached).toMatchObject({ status: 202 })
    await untilDetached(eventId, id)
    expect(system.luma.control.truth(listings.luma)).toMatchObject({ cap: 2, sold: 2 })
    expect(await channelOf(eventId, id)).toMatchObject({ sold: 2, exposure: 2, allocation: 0, mode: 'WAITLIST_ONLY' })
    for (const change of ['pause', 'resume'])
      expect(await call('POST', `/events/${eventId}/channels/${id}/${change}`)).toMatchObject({ status: 409 })
    expect(await call('PATCH', `/events/${eventId}/channels/${id}`, { weight: 3 })).toMatchObject({ status: 409 })
    // 54 outside the safety stock, 18 for each of the others, 2 sold here.
    await until(async () => expect(await system.stock(eventId)).toMatchObject({ unallocated: 16 }))
    expect((await reconcile(system, { eventId })).items).toEqual([])
    await expectProven(eventId)
  }, 120_000)

  it('can be attached again: the same channel, and no sale counts twice', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(40, listings, {
      channels: [
        { platform: 'LUMA', externalEventId: listings.luma },
        { platform: 'EVENTBRITE', externalEventId: listings.eventbrite },
      ],
    })
    await untilInSync(system, eventId)
    sellOnLuma(listings.luma, 3)
    const { id } = (await channelsOf(eventId)).find(({ platform }) => platform === 'LUMA') ?? { id: '' }
    await until(async () => expect(await channelOf(eventId, id)).toMatchObject({ sold: 3 }))
    await call('DELETE', `/events/${eventId}/channels/${id}`, { reason: 'a mistake' })
    await untilDetached(eventId, id)
    const other = { platform: 'LUMA', externalEventId: listings.luma, externalTicketClassId: 'type' }
    expect(await call('POST', `/events/${eventId}/channels`, other)).toMatchObject({ status: 409 })
    expect(await attach(eventId, { platform: 'LUMA', externalEventId: listings.luma })).toBe(id)
    await untilInSync(system, eventId)
    sellOnLuma(listings.luma)
    await until(async () => expect(await system.stock(eventId)).toMatchObject({ sold: 4 }))
    expect((await reconcile(system, { eventId })).items).toEqual([])
    await expectProven(eventId)
  }, 120_000)

  it('that is gone is detached by the word of an operator, which is on record', async () => {
    const listings = system.list()
    const channels = [
      { platform: 'EVENTBRITE', externalEventId: listings.eventbrite },
      { platform: 'LUMA', externalEventId: 'evt-that-does-not-exist' },
    ]
    const eventId = await system.createEvent(40, listings, { channels })
    const { id } = (await channelsOf(eventId)).find(({ platform }) => platform === 'LUMA') ?? { id: '' }
    await until(async () => {
      const { body } = await call<EventDto>('GET', `/events/${eventId}`)
      expect(body.channels.find((channel) => channel.id === id)?.syncError).not.toBeNull()
    })
    expect(await call('DELETE', `/events/${eventId}/channels/${id}`, { reason: 'a wrong id' })).toMatchObject({
      status: 202,
    })
    await until(async () => expect(await channelOf(eventId, id)).toMatchObject({ state: 'DETACHING', exposure: null }))
    const assumed = { reason: 'there is no such listing', assume: 'SOLD_ONLY' }
    expect(await call('DELETE', `/events/${eventId}/channels/${id}`, assumed)).toMatchObject({ status: 202 })
    expect(await channelOf(eventId, id)).toMatchObject({ state: 'DETACHED', sold: 0, exposure: 0 })
    // Its share is sold elsewhere.
    await until(async () => {
      system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 })
      expect(await system.stock(eventId)).toMatchObject({ sold: 36 })
    }, 60_000)
    expect(await expectProven(eventId)).toContain('was detached by the word of')
    const [entry] = await system.app.app
      .get(PrismaService)
      .auditEntry.findMany({ where: { subject: id, action: 'channel.detach' }, orderBy: { at: 'desc' } })
    expect(entry?.after).toMatchObject({ reason: 'there is no such listing', soldOnly: true })
  }, 120_000)
})

describe('A listing whose id changed', () => {
  it('is the same channel with the same sales', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(40, listings, {
      channels: [{ platform: 'LUMA', externalEventId: listings.luma }],
    })
    await untilInSync(system, eventId)
    sellOnLuma(listings.luma, 2)
    const [{ id } = { id: '' }] = await channelsOf(eventId)
    await until(async () => expect(await channelOf(eventId, id)).toMatchObject({ sold: 2 }))
    const moved = system.luma.control.changeId(listings.luma)
    const path = `/events/${eventId}/channels/${id}`
    expect(await call('PATCH', path, { externalEventId: moved })).toMatchObject({ status: 200 })
    await until(async () => expect(await channelOf(eventId, id)).toMatchObject({ externalEventId: moved, sold: 2 }))
    await untilInSync(system, eventId)
    sellOnLuma(moved)
    await until(async () => expect(await system.stock(eventId)).toMatchObject({ sold: 3 }))
    expect((await reconcile(system, { eventId })).items).toEqual([])
    await expectProven(eventId)
  }, 120_000)
})
