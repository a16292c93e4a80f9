import { describe, expect, it } from 'vitest'
import { CONTEXT, failureOf, valueOf } from '../../../test/support/luma.js'
import { scripted } from '../../../test/support/stub-platform.js'
import { MAX_CAP, type Listing } from '../port.js'
import { LumaAdapter } from './luma-adapter.js'

const WHOLE: Listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: null }
const CAPS = { UNLIMITED: 'UNLIMITED', UNKNOWN: null } as const

interface Type {
  id: string
  max_capacity?: unknown
  is_hidden?: boolean
}

/** An event with these ticket types and without guests; `stored` is what a write of a type's cap answers. */
async function adapterFor(types: Type[], stored?: unknown) {
  const { http, url, asked } = await scripted('LUMA', ({ path }) => {
    if (path === '/v1/events/ticket-types/list') return { json: { entries: types } }
    if (path === '/v1/events/ticket-types/update') return { json: { id: 'a', max_capacity: stored } }
    return { json: path === '/v1/events/guests/list' ? { entries: [], has_more: false } : { id: 'evt-1' } }
  })
  return { asked, adapter: new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date() }) }
}

describe('the cap of a ticket type', () => {
  it.each<[unknown, number | null | 'UNLIMITED', string]>([
    [20, 20, 'read'],
    [MAX_CAP, MAX_CAP, 'read'],
    [MAX_CAP + 1, CAPS.UNLIMITED, 'read'],
    [9_999_999_999, CAPS.UNLIMITED, 'read'],
    [1e300, CAPS.UNLIMITED, 'read'],
    [null, CAPS.UNLIMITED, 'read'],
    [undefined, CAPS.UNLIMITED, 'read'],
    [0, CAPS.UNKNOWN, 'none'],
  ])('%s reads as %s', async (max_capacity, cap, capSource) => {
    const { adapter } = await adapterFor([{ id: 'a', max_capacity }])
    for (const listing of [WHOLE, { ...WHOLE, externalTicketClassId: 'a' }]) {
      expect(valueOf(await adapter.readChannel(listing, CONTEXT))).toMatchObject({ cap, capSource })
    }
  })

  it.each([-1, 2.5, '20', true, {}])(
    '%j is no number of tickets: that reading fails, and nothing is thrown',
    async (cap) => {
      const { adapter } = await adapterFor([{ id: 'a', max_capacity: cap }])
      expect(failureOf(await adapter.readChannel(WHOLE, CONTEXT))).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
    },
  )

  it.each([null, -3, 9_999_999_999])('stored as %s confirms nothing', async (stored) => {
    const { adapter } = await adapterFor([{ id: 'a', max_capacity: 5 }], stored)
    expect(failureOf(await adapter.writeCap(WHOLE, 5, CONTEXT)).kind).toBe('UNKNOWN')
  })
})

describe('a limit that the organizer clears', () => {
  it.each<[string, Type[], number | null, object]>([
    ['of the only type', [{ id: 'a' }], 60, { cap: 'UNLIMITED', capSource: 'read', mode: 'OPEN' }],
    ['of the only one on sale', [{ id: 'a' }, { id: 'b', max_capacity: 9, is_hidden: true }], 60, { cap: 'UNLIMITED' }],
    [
      'of one of several: the event’s cap holds',
      [{ id: 'a' }, { id: 'b', max_capacity: 9 }],
      60,
      { cap: 60, unlimitedParts: ['ticket type a'] },
    ],
    [
      'of one of several, and no cap is known',
      [{ id: 'a' }, { id: 'b', max_capacity: 9 }],
      null,
      { cap: null, unlimitedParts: [] },
    ],
    [
      'of the only one on sale, before any cap was ours: that is no cap that would hold',
      [{ id: 'a' }, { id: 'b', max_capacity: 9, is_hidden: true }],
      null,
      { cap: 'UNLIMITED', unlimitedParts: [] },
    ],
    [
      'of a hidden one',
      [
        { id: 'a', max_capacity: 9 },
        { id: 'b', is_hidden: true },
      ],
      60,
      { cap: 60, unlimitedParts: [] },
    ],
  ])('%s is seen', async (_name, types, acknowledgedCap, expected) => {
    const { adapter } = await adapterFor(types)
    expect(valueOf(await adapter.readChannel({ ...WHOLE, acknowledgedCap }, CONTEXT))).toMatchObject(expected)
  })

  it('shows in the limits of the types, of which only the others remain', async () => {
    const { adapter } = await adapterFor([{ id: 'a', max_capacity: 7 }, { id: 'b' }, { id: 'c', max_capacity: 1e12 }])
    expect(valueOf(await adapter.readChannel(WHOLE, CONTEXT)).typeLimits).toEqual({ a: 7 })
    const { adapter: one } = await adapterFor([{ id: 'a', max_capacity: 7 }])
    expect(valueOf(await one.readChannel(WHOLE, CONTEXT)).typeLimits).toBeNull()
  })
})
