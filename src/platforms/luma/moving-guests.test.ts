import { describe, expect, it } from 'vitest'
import { CONTEXT, lumaStage, valueOf } from '../../../test/support/luma.js'
import { scripted } from '../../../test/support/stub-platform.js'
import type { Listing } from '../port.js'
import { LumaAdapter } from './luma-adapter.js'

const LISTING: Listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: 9 }

type Status = 'session' | 'pending_approval' | 'approved'

/** Three guests in each list; the one called `mover` goes from one status to the next when the `at`th list is asked for. */
async function countWhile(from: Status, to: Status, at: number) {
  const statuses = new Map<string, Status>([['mover', from]])
  for (const status of ['session', 'approved'] as const)
    for (let i = 0; i < 2; i++) statuses.set(`${status}-${i}`, status)
  let lists = 0
  const { http, url } = await scripted('LUMA', ({ path, query }) => {
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
  const adapter = new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date() })
  const { sold, pending } = valueOf(await adapter.readChannel(LISTING, CONTEXT))
  return { sold: sold ?? 0, pending, lists }
}

describe('a guest who moves on while guests are counted', () => {
  it.each<[Status, Status, number]>([
    ['session', 'approved', 5],
    ['pending_approval', 'approved', 5],
    ['session', 'pending_approval', 4],
  ])('from %s to %s is not missed', async (from, to, seats) => {
    const { lists } = await countWhile(from, from, 0)
    for (let at = 2; at <= lists; at++) {
      const { sold, pending } = await countWhile(from, to, at)
      expect(sold + pending, `moved before list ${at}`).toBeGreaterThanOrEqual(seats)
    }
  })
})

describe('writes', () => {
  it('are each asked of the fence before they go out, and a refused one is not sent; reads are not asked', async () => {
    const stage = await lumaStage({ toggles: { invitedPerRegistration: 0 } })
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 50 }] }, 'EVENT')
    let asked = 0
    const fenced = (allows: boolean) => ({
      lane: 'protect' as const,
      fence: { beforeSend: () => Promise.resolve(++asked > 0 && allows) },
    })
    valueOf(await stage.adapter.readChannel(listing, fenced(true)))
    expect(asked).toBe(0)
    valueOf(await stage.adapter.setMode(listing, 'WAITLIST_ONLY', 1, fenced(true)))
    expect(asked).toBe(2)
    expect(await stage.adapter.writeCap(listing, 40, fenced(false))).toMatchObject({ kind: 'NOT_SENT' })
    expect(stage.simulator.control.truth(truth.eventId)).toMatchObject({ cap: 1, eventCap: 1 })
    await stage.close()
  })
})
