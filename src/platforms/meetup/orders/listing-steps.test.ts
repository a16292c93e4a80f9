import { describe, expect, it } from 'vitest'
import type { OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import { freshProgress, readCursor, toCursor, type Progress } from './cursor.js'
import { afterCheck, afterEmptyPage, afterPage } from './listing-steps.js'
import { pollSize, pageSizeFor, weightOfPage } from '../client/operations.js'
import { pollIntervalMs } from '../../../domain/orders/sweep-pace.js'
import { pollPoints, desiredPollMs } from '../poll-schedule.js'
import type { RsvpPage } from './rsvp-page.js'

const SINCE = Date.parse('2026-11-18T12:59:00Z')

function pageOf(oldest: number, next: string | null = 'MQ==', rows = 2): RsvpPage {
  const snapshot = { orderId: '1', tickets: [{ ticketId: '1#0', live: true, ticketClassId: null }] }
  const snapshots = Array.from({ length: rows }, () => snapshot as OrderSnapshot)
  return { snapshots, unreadable: [], next, total: 49, newest: SINCE + 132_000, oldest, fingerprint: 'a' }
}

function after(progress: Progress, page: RsvpPage) {
  return afterPage(progress, page, SINCE + 200_000)
}

describe('the watermark of a changed listing', () => {
  it('is overlapped by 30 s, and stored only after the last page needed', () => {
    const first = after(freshProgress('changed', SINCE), pageOf(SINCE - 20_000))
    expect(first).toMatchObject({ kind: 'NEXT', cursor: { step: 'page', after: 'MQ==', newest: SINCE + 132_000 } })
    if (first.kind !== 'NEXT') return
    expect(after(first.cursor, pageOf(SINCE - 31_000))).toMatchObject({
      kind: 'DONE',
      cursor: { step: 'done', newest: SINCE + 132_000, print: 'a', readAt: SINCE + 200_000 },
      platformCount: null,
    })
  })

  it('is read without an overlap after five pages', () => {
    const fourth = { ...freshProgress('changed', SINCE), pages: 3 }
    expect(after(fourth, pageOf(SINCE - 1)).cursor).toMatchObject({ step: 'page' })
    expect(after({ ...fourth, pages: 4 }, pageOf(SINCE - 1)).cursor).toMatchObject({ step: 'done' })
    expect(after({ ...fourth, pages: 4 }, pageOf(SINCE)).cursor).toMatchObject({ step: 'page' })
  })

  it('does not end a full listing', () => {
    expect(after(freshProgress('full', null), pageOf(0)).kind).toBe('NEXT')
    expect(after(freshProgress('full', null), pageOf(0, null))).toMatchObject({ kind: 'DONE', platformCount: 49 })
    const first = { ...freshProgress('full', null), pages: 1, rows: 2, live: 2, print: 'a' }
    const second = after(first, pageOf(0, null, 47))
    // A count is valid only if the list did not change during the read.
    expect(second.cursor).toMatchObject({ step: 'check', after: null })
    if (second.kind !== 'NEXT') return
    expect(afterCheck(second.cursor, pageOf(0))).toMatchObject({ platformCount: 49 })
    expect(afterCheck(second.cursor, { ...pageOf(0), fingerprint: 'b' })).toMatchObject({ platformCount: 50 })
  })
})

describe('a list that changes during the read', () => {
  it('is read again from the start twice after an empty page, and then keeps the old watermark', () => {
    let progress: Progress = { ...freshProgress('changed', SINCE), pages: 1, after: 'MQ==' }
    for (const restarts of [1, 2]) {
      const step = afterEmptyPage(progress)
      expect(step).toMatchObject({ kind: 'NEXT', cursor: { restarts, after: null, pages: 0, since: SINCE } })
      if (step.kind === 'NEXT') progress = step.cursor
    }
    expect(afterEmptyPage(progress)).toEqual({
      kind: 'DONE',
      cursor: { step: 'done', newest: SINCE, print: null, readAt: 0, recent: 0 },
      platformCount: null,
    })
    const full = { ...freshProgress('full', null, 2), live: 3, rows: 3, total: 3 }
    expect(afterEmptyPage(full)).toMatchObject({ platformCount: 4 })
  })

  it('counts as one ticket short', () => {
    const read = { ...freshProgress('full', null), pages: 2, rows: 49, live: 49, total: 49, print: 'a' }
    expect(afterCheck(read, pageOf(0))).toMatchObject({ platformCount: 49 })
    expect(afterCheck(read, { ...pageOf(0), fingerprint: 'b' })).toMatchObject({ platformCount: 50 })
  })
})

describe('readCursor', () => {
  it('reads stored cursors, and returns null for foreign ones', () => {
    const progress = { ...freshProgress('full', null), after: 'MQ==', pages: 3 }
    expect(readCursor(JSON.parse(JSON.stringify(toCursor(progress))))).toEqual(progress)
    const watermark = { step: 'done' as const, newest: SINCE, print: 'a', readAt: 1, recent: 3 }
    expect(readCursor(toCursor(watermark))).toEqual(watermark)
    for (const foreign of [{}, { step: 'done' }, { ...progress, rows: 'many' }, { ...progress, scope: 'all' }]) {
      expect(readCursor(foreign)).toBeNull()
    }
  })
})

describe('the poll budget', () => {
  it('limits the page size', () => {
    expect([weightOfPage(50), weightOfPage(20)]).toEqual([15, 9])
    for (const points of [6, 8, 12, 15, 100]) {
      expect(weightOfPage(pageSizeFor(points, 50))).toBeLessThanOrEqual(points)
    }
    expect(pageSizeFor(Infinity, 50)).toBe(50)
    expect(pageSizeFor(0, 50)).toBe(1)
  })

  it('shortens the interval of nearly full listings, lengthens it for closed ones, and stretches it to the budget', () => {
    const desired = (cap: number | 'UNLIMITED', sold: number | null, mode: 'OPEN' | 'WAITLIST_ONLY') =>
      desiredPollMs({ cap, sold, mode }, 10_000)
    expect(desired(100, 50, 'OPEN')).toBe(10_000)
    expect(desired(100, 90, 'OPEN')).toBe(5_000)
    expect(desired(100, 100, 'WAITLIST_ONLY')).toBe(5_000)
    expect(desired(100, 10, 'WAITLIST_ONLY')).toBe(60_000)
    expect(desired('UNLIMITED', null, 'OPEN')).toBe(10_000)
    expect([pollIntervalMs(10_000, 0.4), pollIntervalMs(10_000, 5.6)]).toEqual([10_000, 56_000])
  })

  it('is spent on polls in proportion to the recent changes', () => {
    const watermark = { step: 'done', newest: SINCE, print: 'a', readAt: SINCE }
    expect([pollPoints(null), pollPoints(watermark)]).toEqual([7, 7])
    expect([10, 44, 500].map((recent) => pollPoints({ ...watermark, recent }))).toEqual([8, 15, 15])
    // The longer ago the last poll, the more changes are expected, at the earlier rate.
    expect([0, 10_000, 20_000, 600_000].map((ageMs) => pollSize(10, { ageMs }))).toEqual([15, 20, 25, 50])
    expect(pollSize(0, { ageMs: 600_000 })).toBe(10)
    expect(pollSize(5, { promotions: 22 })).toBe(35)
  })
})
