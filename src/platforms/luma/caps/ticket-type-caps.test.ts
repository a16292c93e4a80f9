import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { CONTEXT, failureOf, valueOf } from '../../../../test/support/platforms/luma.js'
import { startStubPlatform } from '../../../../test/support/platforms/stub-platform.js'
import { MAX_CAP, type Listing } from '../../port.js'
import { LumaAdapter } from '../luma-adapter.js'

const WHOLE: Listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: null }
const CAPS = { UNLIMITED: 'UNLIMITED', UNKNOWN: null } as const

interface Type {
  id: string
  max_capacity?: unknown
  is_hidden?: boolean
}

/** An event with these ticket types and without guests; `stored` is the cap in the response to a write. */
async function adapterFor(types: Type[], stored?: unknown) {
  const { http, url, requests } = await startStubPlatform('LUMA', ({ path }) => {
    if (path === '/v1/events/ticket-types/list') return { json: { entries: types } }
    if (path === '/v1/events/ticket-types/update') return { json: { id: 'a', max_capacity: stored } }
    return { json: path === '/v1/events/guests/list' ? { entries: [], has_more: false } : { id: 'evt-1' } }
  })
  const adapter = new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date(), sleep })
  return { requests, adapter }
}

describe('LumaAdapter with the cap of a ticket type', () => {
  it.each<[unknown, number | null | 'UNLIMITED', string]>([
    [20, 20, 'read'],
    [MAX_CAP, MAX_CAP, 'read'],
    [MAX_CAP + 1, CAPS.UNLIMITED, 'read'],
    [9_999_999_999, CAPS.UNLIMITED, 'read'],
    [1e300, CAPS.UNLIMITED, 'read'],
    [null, CAPS.UNLIMITED, 'read'],
    [undefined, CAPS.UNLIMITED, 'read'],
    [0, CAPS.UNKNOWN, 'none'],
  ])('reads max_capacity %s as %s', async (max_capacity, cap, capSource) => {
    const { adapter } = await adapterFor([{ id: 'a', max_capacity }])
    for (const listing of [WHOLE, { ...WHOLE, externalTicketClassId: 'a' }]) {
      expect(valueOf(await adapter.readChannel(listing, CONTEXT))).toMatchObject({ cap, capSource })
    }
  })

  it.each([-1, 2.5, '20', true, {}])('returns CONTRACT for the invalid cap %j', async (cap) => {
    const { adapter } = await adapterFor([{ id: 'a', max_capacity: cap }])
    expect(failureOf(await adapter.readChannel(WHOLE, CONTEXT))).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
  })

  it.each([null, -3, 9_999_999_999])('returns UNKNOWN for a write if the stored cap is %s', async (stored) => {
    const { adapter } = await adapterFor([{ id: 'a', max_capacity: 5 }], stored)
    expect(failureOf(await adapter.writeCap(WHOLE, 5, CONTEXT)).kind).toBe('UNKNOWN')
  })
})

describe('LumaAdapter.readChannel after the organizer clears a limit', () => {
  it.each<[string, Type[], number | null, object]>([
    ['of the only type', [{ id: 'a' }], 60, { cap: 'UNLIMITED', capSource: 'read', mode: 'OPEN' }],
    [
      'of the only type on sale',
      [{ id: 'a' }, { id: 'b', max_capacity: 9, is_hidden: true }],
      60,
      { cap: 'UNLIMITED' },
    ],
    [
      'of one of several types under the event’s cap',
      [{ id: 'a' }, { id: 'b', max_capacity: 9 }],
      60,
      { cap: 60, unlimitedParts: ['ticket type a'] },
    ],
    [
      'of one of several types without a known cap',
      [{ id: 'a' }, { id: 'b', max_capacity: 9 }],
      null,
      { cap: null, unlimitedParts: [] },
    ],
    [
      'of the only type on sale, before a cap was written',
      [{ id: 'a' }, { id: 'b', max_capacity: 9, is_hidden: true }],
      null,
      { cap: 'UNLIMITED', unlimitedParts: [] },
    ],
    [
      'of a hidden type',
      [
        { id: 'a', max_capacity: 9 },
        { id: 'b', is_hidden: true },
      ],
      60,
      { cap: 60, unlimitedParts: [] },
    ],
  ])('reports the cleared limit %s', async (_name, types, acknowledgedCap, expected) => {
    const { adapter } = await adapterFor(types)
    expect(valueOf(await adapter.readChannel({ ...WHOLE, acknowledgedCap }, CONTEXT))).toMatchObject(expected)
  })

  it('returns only the limits of the other types', async () => {
    const { adapter } = await adapterFor([{ id: 'a', max_capacity: 7 }, { id: 'b' }, { id: 'c', max_capacity: 1e12 }])
    expect(valueOf(await adapter.readChannel(WHOLE, CONTEXT)).typeLimits).toEqual({ a: 7 })
    const { adapter: one } = await adapterFor([{ id: 'a', max_capacity: 7 }])
    expect(valueOf(await one.readChannel(WHOLE, CONTEXT)).typeLimits).toBeNull()
  })
})
