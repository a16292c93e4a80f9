import { describe, expect, it } from 'vitest'
import type { PlatformHttp, PlatformRequest, PlatformResult } from '../../http/platform-http.js'
import { CONTEXT, failureOf, valueOf } from '../../../../test/support/platforms/luma.js'
import type { Listing } from '../../port.js'
import { LumaAdapter } from '../luma-adapter.js'

const WHOLE: Listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: null }
const PAGES = 30

/**
 * Luma in virtual time, with a budget of one call per `everyMs` and a block of a minute after `callsBeforeBlock` calls.
 * Time advances only by waits and by `responseMs` per call.
 */
function slowPlatform(everyMs: number, responseMs = 0, callsBeforeBlock = Infinity) {
  const state = { now: Date.parse('2026-11-20T12:00:00Z'), next: 0, waited: 0, calls: [] as string[] }
  const call = (request: PlatformRequest): Promise<PlatformResult> => {
    if (state.now < state.next) return Promise.resolve({ kind: 'THROTTLED', resumeAt: new Date(state.next) })
    const url = new URL(request.url)
    state.calls.push(url.pathname)
    state.next = state.now + (state.calls.length === callsBeforeBlock ? 60_000 : everyMs)
    state.now += responseMs
    return Promise.resolve({ kind: 'RESPONSE', status: 200, headers: {}, json: responseTo(url) })
  }
  const http: PlatformHttp = {
    call,
    throttled: (until) => Promise.resolve({ kind: 'THROTTLED', resumeAt: until }),
    observe: () => Promise.resolve(),
  }
  const sleep = (ms: number) => {
    state.now += ms
    state.waited += ms
    return Promise.resolve()
  }
  const adapter = new LumaAdapter({
    config: { apiUrl: 'http://luma.test', apiKey: 'k' },
    http,
    now: () => new Date(state.now),
    sleep,
  })
  return { adapter, state }
}

function responseTo({ pathname, searchParams }: URL): unknown {
  if (pathname === '/v1/events/get') return { id: 'evt-1' }
  if (pathname !== '/v1/events/guests/list') return { entries: [] }
  if (searchParams.get('approval_status') !== 'approved') return { entries: [], has_more: false }
  const page = Number(searchParams.get('pagination_cursor') ?? 0)
  const guest = { id: `gst-${page}`, approval_status: 'approved', event_tickets: [{ id: `t-${page}` }] }
  return { entries: [guest], has_more: page < PAGES - 1, next_cursor: String(page + 1) }
}

describe('LumaAdapter.readChannel with a small budget', () => {
  it.each([
    ['a small budget', 1_500, 0],
    ['slow responses', 0, 700],
  ])(
    'ends an operation at its maximum wait, and the next one resumes its count: %s',
    async (_name, everyMs, responseMs) => {
      const { adapter, state } = slowPlatform(everyMs, responseMs)
      let operations = 0
      for (;;) {
        operations += 1
        const startedAt = state.now
        const reading = await adapter.readChannel(WHOLE, CONTEXT)
        expect(state.now - startedAt).toBeLessThanOrEqual(5_000 + 3 * responseMs)
        if (reading.kind === 'OK') {
          expect(reading.value.sold).toBe(PAGES)
          expect(reading.value.asOf).toEqual(new Date('2026-11-20T12:00:00Z'))
          break
        }
        const { resumeAt } = failureOf(reading) as { resumeAt: Date }
        state.now = Math.max(state.now, resumeAt.getTime())
      }
      expect(operations).toBeGreaterThan(2)
      // No page is read twice.
      expect(state.calls.filter((path) => path === '/v1/events/guests/list')).toHaveLength(PAGES + 1)
    },
  )

  it('restarts the count after a write, whose effect an earlier count does not show', async () => {
    const { adapter, state } = slowPlatform(1_500)
    expect(failureOf(await adapter.readChannel(WHOLE, CONTEXT)).kind).toBe('THROTTLED')
    state.now += 60_000
    const written = state.now
    valueOf(await adapter.writeCap(WHOLE, 5, CONTEXT))
    state.now += 60_000
    let reading = await adapter.readChannel(WHOLE, CONTEXT)
    while (reading.kind !== 'OK') {
      state.now += 10_000
      reading = await adapter.readChannel(WHOLE, CONTEXT)
    }
    expect(reading.value.asOf.getTime()).toBeGreaterThan(written)
  })

  it('keeps a finished count if the following reads are throttled', async () => {
    const { adapter, state } = slowPlatform(0, 0, PAGES + 2)
    expect(failureOf(await adapter.readChannel(WHOLE, CONTEXT)).kind).toBe('THROTTLED')
    expect(state.calls.at(-1)).toBe('/v1/events/ticket-types/list')
    state.now = state.next
    expect(valueOf(await adapter.readChannel(WHOLE, CONTEXT)).sold).toBe(PAGES)
    expect(state.calls.slice(PAGES + 2)).toEqual(['/v1/events/ticket-types/list', '/v1/events/get'])
  })
})
