import { describe, expect, it } from 'vitest'
import { readingDue } from './reading/due-reading.js'
import { isCompleteCount, isLate, READ_LAG_MS } from './recount.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const before = (ms: number) => new Date(NOW.getTime() - ms)

describe('A reading after a confirmation', () => {
  it('shows cap and mode once it started late enough', () => {
    expect(isLate({ confirmedAt: null }, NOW)).toBe(true)
    expect(isLate({ confirmedAt: before(READ_LAG_MS) }, NOW)).toBe(true)
    expect(isLate({ confirmedAt: before(READ_LAG_MS - 1) }, NOW)).toBe(false)
  })

  it('is due to resolve a lost write once that can no longer land, and the reading is late enough', () => {
    const channel = { unconfirmedSince: before(60_000), needsSweepSince: null, recountAt: null }
    const due = (confirmedAt: Date | null) => readingDue({ ...channel, confirmedAt }, { settleMs: 5_000 }, NOW)
    expect(due(null)).toBe('SETTLE')
    expect(due(before(READ_LAG_MS))).toBe('SETTLE')
    expect(due(before(1_000))).toBeNull()
  })
})

describe('A count of sold tickets', () => {
  it('is incomplete if it was derived from a list that lacks recorded orders', () => {
    expect(isCompleteCount({ platform: 'LUMA', sold: 5 }, 5)).toBe(true)
    expect(isCompleteCount({ platform: 'LUMA', sold: 5 }, 4)).toBe(false)
    expect(isCompleteCount({ platform: 'EVENTBRITE', sold: 5 }, 4)).toBe(true)
    expect(isCompleteCount({ platform: 'MEETUP', sold: 5 }, 4)).toBe(true)
  })
})
