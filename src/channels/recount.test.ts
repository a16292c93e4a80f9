import { describe, expect, it } from 'vitest'
import type { ApiPlatform } from '../domain/channel.js'
import { readingDue } from './reading/due-reading.js'
import { hasUnreadDelivery, isCompleteCount, isLate, READ_LAG_MS } from './recount.js'

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
  const isComplete = (platform: ApiPlatform, counted: number, unread = false) =>
    isCompleteCount(
      { platform, lastWebhookAt: unread ? before(9_000) : null, lastPullAt: before(9_001) },
      5,
      counted,
      NOW,
    )

  it('is incomplete if it was derived from a list that lacks recorded orders', () => {
    expect(isComplete('LUMA', 5)).toBe(true)
    expect(isComplete('LUMA', 4)).toBe(false)
    expect(isComplete('EVENTBRITE', 4)).toBe(true)
    expect(isComplete('MEETUP', 4)).toBe(true)
  })

  it('is incomplete if it was derived from a list while a delivery is unread', () => {
    expect(isComplete('LUMA', 5, true)).toBe(false)
    expect(isComplete('EVENTBRITE', 5, true)).toBe(true)
  })
})

describe('A delivery about a listing', () => {
  const isUnread = (lastWebhookAt: Date | null, lastPullAt: Date | null) =>
    hasUnreadDelivery({ platform: 'LUMA', lastWebhookAt, lastPullAt }, NOW)

  it('is unread until a read of the orders starts after it', () => {
    expect(isUnread(null, null)).toBe(false)
    expect(isUnread(before(9_000), null)).toBe(true)
    expect(isUnread(before(9_000), before(9_001))).toBe(true)
    expect(isUnread(before(9_000), before(9_000))).toBe(false)
  })

  it('counts as read after a read just before, where the next one has arrived since', () => {
    expect(isUnread(before(100), before(READ_LAG_MS))).toBe(false)
    expect(isUnread(before(100), before(READ_LAG_MS + 1))).toBe(true)
  })
})
