import { expect, it } from 'vitest'
import { RingBuffer, Trace } from './trace.js'

it('a ring buffer keeps the newest items, oldest first, and counts dropped ones', () => {
  const ring = new RingBuffer<number>(3)
  for (const item of [1, 2, 3, 4, 5]) ring.push(item)
  expect(ring.list()).toEqual([3, 4, 5])
  expect(ring.dropped).toBe(2)
})

it('a trace is filtered by event and time, in one common sequence', () => {
  const trace = new Trace(10)
  const state = { cap: 10, sold: 0, pending: 0, cause: 'created' }
  trace.recordCap({ at: 1, eventId: 'a', ...state })
  trace.recordCall({
    at: 2,
    method: 'GET',
    path: '/',
    operation: 'read',
    kind: 'read',
    weight: 1,
    status: 200,
    fault: null,
  })
  trace.recordCap({ at: 3, eventId: 'b', ...state })
  trace.recordCap({ at: 3, eventId: 'a', ...state, cap: 8, cause: 'write' })
  expect(trace.query({ eventId: 'a', since: 2 }).caps).toMatchObject([{ seq: 4, cap: 8 }])
  expect(trace.query({ since: 3 }).calls).toEqual([])
  expect(trace.query().caps.map(({ seq }) => seq)).toEqual([1, 3, 4])
})
