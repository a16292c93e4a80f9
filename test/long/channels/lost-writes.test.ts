import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { untilInSync, dropWebhooks, startIdleTestSystem } from '../../support/fixtures/reconcile.js'
import { until, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
  // A webhook would cause a read of the listing in between.
  dropWebhooks(system)
})
afterAll(() => system?.close())

const callsSince = (since: number) => system.luma.trace.query({ since }).calls
const luma = async (eventId: string) => {
  const row = (await system.stock(eventId)).channels.find(({ platform }) => platform === 'LUMA')
  if (!row) throw new Error('no Luma channel')
  return row
}

describe('A cap write whose response is lost', () => {
  it('is sent again soon, blocks no other write, and counts as exposure while it may still land', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(100, listings)
    await untilInSync(system, eventId)
    system.luma.knobs.patch({ timeoutBeforeApply: 1, sparesReads: true })
    const startedAt = Date.now()
    const raised = await system.app.call('PATCH', `/events/${eventId}`, {
      token: system.token,
      body: { capacity: 200 },
    })
    expect(raised.status).toBe(200)
    const lost = { method: 'POST', fault: 'timeoutBeforeApply' }
    await until(() => expect(callsSince(startedAt)).toContainEqual(expect.objectContaining(lost)))
    system.luma.knobs.patch({ timeoutBeforeApply: 0, sparesReads: false })
    await until(async () => expect(await luma(eventId)).toMatchObject({ confirmedCap: 60, mode: 'OPEN' }))

    await system.app.call('POST', `/events/${eventId}/pause`, { token: system.token })
    await until(async () => expect((await luma(eventId)).mode).toBe('WAITLIST_ONLY'), 5_000)
    // The first write could land even now, on top of the smaller cap.
    expect(await luma(eventId)).toMatchObject({ confirmedCap: 1, exposure: 60 })
    expect(await system.stock(eventId)).toMatchObject({ sold: 0, capacity: 200 })
  })

  it('is superseded by writing the confirmed cap again when no reading shows the cap in force', async () => {
    const { eventbrite, meetup } = system.list()
    // Without a ticket type only the cap of the event applies, and Luma's API does not return it.
    const { eventId: listing } = system.luma.control.createEvent({ maxCapacity: 1, ticketTypes: [] })
    const eventId = await system.createEvent(100, { eventbrite, luma: listing, meetup })
    await untilInSync(system, eventId)
    expect(await luma(eventId)).toMatchObject({ confirmedCap: 30 })
    // An obsolete raise whose response was lost has landed.
    system.luma.control.setCap(listing, 60)
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
    const data = { confirmedAt: minutesAgo(20), unconfirmedCap: 60, unconfirmedSince: minutesAgo(10) }
    await system.app.app.get(PrismaService).channel.updateMany({ where: { eventId, platform: 'LUMA' }, data })
    await until(async () => {
      expect(await luma(eventId)).toMatchObject({ confirmedCap: 30, exposure: 30, mode: 'OPEN' })
      expect(system.luma.control.truth(listing)).toMatchObject({ cap: 30 })
    })
    // Afterwards no request is repeated every two seconds.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const settled = Date.now()
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    expect(callsSince(settled)).toEqual([])
  })
})
