import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inStep, startQuietTown } from '../support/reconcile.js'
import { until, type Town } from '../support/town.js'

let town: Town
beforeAll(async () => {
  town = await startQuietTown()
})
afterAll(() => town?.close())

const callsSince = (since: number) => town.luma.trace.query({ since }).calls
const luma = async (eventId: string) => {
  const row = (await town.stock(eventId)).channels.find(({ platform }) => platform === 'LUMA')
  if (!row) throw new Error('no Luma channel')
  return row
}

describe('a cap write whose answer is lost', () => {
  it('is sent again soon, holds nothing up, and counts as long as it may land', async () => {
    const listings = town.list()
    const eventId = await town.createEvent(100, listings)
    await inStep(town, eventId)
    // Slow enough to take the answer of the write from it, and not that of the read before.
    town.luma.knobs.patch({ latencyMs: { p50: 500, p99: 500 } })
    const began = Date.now()
    const raised = await town.app.call('PATCH', `/events/${eventId}`, { token: town.token, body: { capacity: 200 } })
    expect(raised.status).toBe(200)
    await until(() => expect(callsSince(began)).toHaveLength(1))
    town.luma.knobs.patch({ timeoutBeforeApply: 1 })
    await until(() => expect(callsSince(began).at(-1)).toMatchObject({ method: 'POST', fault: 'timeoutBeforeApply' }))
    town.luma.knobs.patch({ timeoutBeforeApply: 0, latencyMs: { p50: 0, p99: 0 } })
    await until(async () => expect(await luma(eventId)).toMatchObject({ confirmedCap: 60, mode: 'OPEN' }))

    await town.app.call('POST', `/events/${eventId}/pause`, { token: town.token })
    await until(async () => expect((await luma(eventId)).mode).toBe('WAITLIST_ONLY'), 5_000)
    // The first write could land even now, on top of the smaller cap.
    expect(await luma(eventId)).toMatchObject({ confirmedCap: 1, exposure: 60 })
    expect(await town.stock(eventId)).toMatchObject({ sold: 0, capacity: 200 })
  })
})
