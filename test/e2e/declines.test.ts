import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DuplicatesDto } from '../../src/door/duplicates/duplicates.dto.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { untilInSync } from '../support/fixtures/reconcile.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/service/test-system.js'

const ADA = { name: 'Ada Example', email: 'ada@example.com' }

let system: TestSystem
let listings: Listings
let eventId: string
let guestId: string

beforeAll(async () => {
  system = await startTestSystem()
}, 120_000)
afterAll(() => system?.close(), 60_000)

/** Ada has a seat on Eventbrite and one on Luma. */
beforeEach(async () => {
  listings = system.list()
  eventId = await system.createEvent(60, listings)
  await untilInSync(system, eventId)
  system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1, buyer: ADA })
  guestId = system.luma.control.register({ eventId: listings.luma, ...ADA }).guestId ?? ''
  await until(async () => expect((await duplicates()).seats.certain).toBe(1))
}, 60_000)

async function duplicates(): Promise<DuplicatesDto> {
  const { body } = await system.app.call<DuplicatesDto>('GET', `/events/${eventId}/duplicates`, { token: system.token })
  return body
}

async function orderOn(platform: string): Promise<string> {
  const [duplicate] = (await duplicates()).items
  return duplicate?.attendees.find((attendee) => attendee.platform === platform)?.orderId ?? ''
}

const decline = (orderId: string, body: object = { message: 'You also have a seat on Eventbrite.' }) =>
  system.app.call<{ code?: string; detail?: string }>('POST', `/orders/${orderId}/decline`, {
    token: system.token,
    body,
  })
const guest = () => system.luma.control.guests(listings.luma).find(({ id }) => id === guestId)
const mails = () => system.luma.control.context.state.mails.filter((mail) => mail.guestId === guestId)
const audited = (orderId: string) =>
  system.app.app.get(PrismaService).auditEntry.findMany({ where: { subject: orderId, action: 'order.decline' } })

describe('A guest with a second seat on Luma', () => {
  it('is declined once an operator requests it, and the seat is free again', async () => {
    const [duplicate] = (await duplicates()).items
    expect(Object.fromEntries(duplicate?.attendees.map((one) => [one.platform, one.canDecline]) ?? [])).toEqual({
      EVENTBRITE: false,
      LUMA: true,
    })
    expect(guest()?.status).toBe('approved')
    const orderId = await orderOn('LUMA')
    // The seat is free again without a delivery.
    system.luma.knobs.patch({ webhookLoss: 1 })
    const declined = await decline(orderId)
    system.luma.knobs.patch({ webhookLoss: 0 })
    expect(declined).toMatchObject({ status: 200, body: { id: orderId, state: 'CANCELLED', quantity: 0 } })
    expect(guest()).toMatchObject({ status: 'declined', tickets: [] })
    expect(mails()).toMatchObject([{ message: 'You also have a seat on Eventbrite.' }])
    expect((await system.stock(eventId)).sold).toBe(1)
    expect((await duplicates()).items).toEqual([])
    expect(await audited(orderId)).toMatchObject([
      { before: { quantity: 1 }, after: { eventId, externalOrderId: guestId } },
    ])
    expect(await decline(orderId)).toMatchObject({ status: 200, body: { state: 'CANCELLED' } })
    expect(mails()).toHaveLength(1)
    expect(await audited(orderId)).toHaveLength(1)
  })

  it('is declined with one mail when the response is lost and the request repeated', async () => {
    const orderId = await orderOn('LUMA')
    system.luma.knobs.patch({ timeoutAfterApply: 1, sparesReads: true, webhookLoss: 1 })
    expect(await decline(orderId)).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    system.luma.knobs.patch({ timeoutAfterApply: 0, webhookLoss: 0 })
    expect(guest()?.status).toBe('declined')
    expect(await decline(orderId)).toMatchObject({ status: 200, body: { state: 'CANCELLED' } })
    expect(mails()).toHaveLength(1)
  })

  it('is not declined once checked in, here or there', async () => {
    const orderId = await orderOn('LUMA')
    const [ticket] = await system.app.app.get(PrismaService).ticket.findMany({ where: { orderId } })
    const body = { ticketId: ticket?.id }
    await system.app.call('POST', `/events/${eventId}/check-ins`, { token: system.token, body })
    expect(await decline(orderId)).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    await system.app.call('DELETE', `/check-ins/${ticket?.id}`, { token: system.token })
    system.luma.control.checkIn(listings.luma, guestId)
    expect((await decline(orderId)).status).toBe(409)
    expect(guest()?.status).toBe('approved')
  })

  it('stays as it is without a request, and where the platform cannot decline', async () => {
    expect(await decline(await orderOn('EVENTBRITE'))).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    expect((await decline('ord_none')).status).toBe(404)
    expect((await decline(await orderOn('LUMA'), { message: 'x'.repeat(201) })).status).toBe(400)
    expect(guest()?.status).toBe('approved')
    expect((await system.stock(eventId)).sold).toBe(2)
  })
})
