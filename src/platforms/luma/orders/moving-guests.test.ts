import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { CONTEXT, startLumaHarness, valueOf } from '../../../../test/support/platforms/luma.js'
import { startStubPlatform } from '../../../../test/support/platforms/stub-platform.js'
import type { Listing } from '../../port.js'
import { LumaAdapter } from '../luma-adapter.js'

const LISTING: Listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: 9 }

type Status = 'session' | 'pending_approval' | 'approved'

/** Guests in each list; the guest `mover` changes from one status to the next when the `at`th list is requested. */
async function countWhile(from: Status, to: Status, at: number) {
  const statuses = new Map<string, Status>([['mover', from]])
  for (const status of ['session', 'approved'] as const)
    for (let i = 0; i < 2; i++) statuses.set(`${status}-${i}`, status)
  let lists = 0
  const { http, url } = await startStubPlatform('LUMA', ({ path, query }) => {
    if (path !== '/v1/events/guests/list') return { json: path.includes('types') ? { entries: [] } : { id: 'evt-1' } }
    lists += 1
    if (lists === at) statuses.set('mover', to)
    const rows = [...statuses].filter(([, status]) => status === query.get('approval_status'))
    const offset = Number(query.get('pagination_cursor') ?? 0)
    const entries = rows
      .slice(offset, offset + 1)
      .map(([id, approval_status]) => ({ id, approval_status, event_tickets: [{ id: `t-${id}` }] }))
    return { json: { entries, has_more: offset + 1 < rows.length, next_cursor: String(offset + 1) } }
  })
  const adapter = new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date(), sleep })
  const { sold, pending } = valueOf(await adapter.readChannel(LISTING, CONTEXT))
  return { sold: sold ?? 0, pending, lists }
}

describe('LumaAdapter.readChannel while a guest changes status', () => {
  it.each<[Status, Status, number]>([
    ['session', 'approved', 5],
    ['pending_approval', 'approved', 5],
    ['session', 'pending_approval', 4],
  ])('counts a guest who changes from %s to %s', async (from, to, seats) => {
    const { lists } = await countWhile(from, from, 0)
    for (let at = 2; at <= lists; at++) {
      const { sold, pending } = await countWhile(from, to, at)
      expect(sold + pending, `moved before list ${at}`).toBeGreaterThanOrEqual(seats)
    }
  })
})

describe('LumaAdapter write fence', () => {
  it('checks the fence before each write, does not send a refused write, and does not fence reads', async () => {
    const harness = await startLumaHarness({ toggles: { invitedPerRegistration: 0 } })
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 50 }] }, 'EVENT')
    let checks = 0
    const fenced = (allows: boolean) => ({
      lane: 'protect' as const,
      fence: { beforeSend: () => Promise.resolve(++checks > 0 && allows) },
    })
    valueOf(await harness.adapter.readChannel(listing, fenced(true)))
    expect(checks).toBe(0)
    valueOf(await harness.adapter.setMode(listing, 'WAITLIST_ONLY', 1, fenced(true)))
    expect(checks).toBe(2)
    expect(await harness.adapter.writeCap(listing, 40, fenced(false))).toMatchObject({ kind: 'NOT_SENT' })
    expect(harness.simulator.control.truth(truth.eventId)).toMatchObject({ cap: 1, eventCap: 1 })
    await harness.close()
  })
})
