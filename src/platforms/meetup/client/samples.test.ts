import { describe, expect, it } from 'vitest'
import type { PlatformResponse } from '../../http/platform-http.js'
import { ContractError, isObject, type JsonObject } from '../../kit/response-shape.js'
import { classifyResponse } from './outcomes.js'
import { modeOf, readCounts } from '../caps/event-state.js'
import {
  CLOSED,
  COUNTS,
  EDIT_REFUSED,
  EDITED,
  GOING,
  INVALID,
  PAGE,
  PROMOTED,
  THROTTLED,
  UNKNOWN_EVENT,
  WAITING,
} from '../fixtures.test-support.js'
import { attendeesFromCounts } from '../caps/attendee-count.js'
import { readPayload } from '../caps/mutations.js'
import { CLOSE_RSVPS, EVENT_COUNTS, RSVP_PAGE, SET_LIMIT, type Operation } from './operations.js'
import { readRateLimit } from './rate-limit.js'
import { toOrderSnapshot } from '../orders/order-mapping.js'
import { emptiness, listFingerprint, readRsvpPage } from '../orders/rsvp-page.js'

const responseWith = (json: unknown, status = 200, headers: Record<string, string> = {}): PlatformResponse => ({
  kind: 'RESPONSE',
  status,
  headers,
  json,
})

function rootOf(json: unknown, operation: Operation): JsonObject {
  const classified = classifyResponse(responseWith(json), operation)
  if (classified.kind !== 'OK') throw new Error(`expected OK, not ${classified.kind}`)
  return classified.value
}

describe('captured Meetup responses', () => {
  it('readCounts reads the counts of an event', () => {
    const counts = readCounts(rootOf(COUNTS, EVENT_COUNTS))
    expect(counts).toEqual({
      cap: 40,
      guestLimit: 2,
      closed: false,
      state: 'LIVE',
      hasWaitlist: true,
      rsvps: 40,
      yesCount: 40,
    })
    expect(modeOf(counts.cap, counts.closed, attendeesFromCounts(counts).atLeast)).toBe('WAITLIST_ONLY')
  })

  const detailsOf = (name: string) => ({
    holder: { name, email: null },
    ticketType: null,
    code: null,
    checkedInAt: null,
  })

  it.each([
    ['ATTENDED', '2026-12-04T00:00:00-05:00', new Date('2026-12-04T05:00:00Z')],
    ['ATTENDED', null, null],
    ['NO_SHOW', '2026-12-04T00:00:00-05:00', null],
    ['YES', '2026-12-04T00:00:00-05:00', null],
  ])('a party that is %s since %s was checked in at %s', (status, updated, checkedInAt) => {
    const { tickets } = toOrderSnapshot({ id: '1', status, guestsCount: 1, updated, member: null }, '309000111')
    expect(tickets.map(({ details }) => details?.checkedInAt)).toEqual([checkedInAt, checkedInAt])
  })

  it('readRsvpPage reads a page of RSVPs, comparing times as instants', () => {
    const page = readRsvpPage(rootOf(PAGE, RSVP_PAGE), '309000111')
    expect(page.next).toBe('MQ==')
    expect(page.total).toBe(49)
    expect(new Date(page.newest ?? 0).toISOString()).toBe('2026-11-18T13:01:12.000Z')
    expect(new Date(page.oldest ?? 0).toISOString()).toBe('2026-11-18T12:58:40.000Z')
    expect(page.snapshots.map(({ orderId, tickets }) => [orderId, tickets])).toEqual([
      [
        '1900000002',
        [{ ticketId: '1900000002#0', live: false, ticketClassId: null, details: detailsOf('Bela Sample') }],
      ],
      [
        '1900000001',
        [
          { ticketId: '1900000001#0', live: true, ticketClassId: null, details: detailsOf('Ada Example') },
          { ticketId: '1900000001#1', live: true, ticketClassId: null, details: detailsOf('Ada Example') },
        ],
      ],
    ])
    expect(page.snapshots[1]).toMatchObject({
      externalEventId: '309000111',
      version: '2026-11-18T12:58:40.000Z',
      complete: true,
      buyer: { name: 'Ada Example', email: null },
    })
  })

  it('toOrderSnapshot maps a promotion to a newer version with a live ticket', () => {
    const before = toOrderSnapshot(WAITING, '309000111')
    const after = toOrderSnapshot(PROMOTED, '309000111')
    expect(after.orderId).toBe(before.orderId)
    expect(after.version > before.version).toBe(true)
    expect(after.tickets.map(({ live }) => live)).toEqual([true])
  })

  it('readPayload reads the state after a write, and a removed limit as unlimited', () => {
    expect(readPayload(rootOf(EDITED, SET_LIMIT))).toEqual({
      kind: 'OK',
      value: { cap: 36, closed: undefined, guestLimit: 0 },
    })
    expect(readPayload(rootOf(CLOSED, CLOSE_RSVPS))).toEqual({
      kind: 'OK',
      value: { cap: 'UNLIMITED', closed: true, guestLimit: null },
    })
    expect(readPayload(rootOf(EDIT_REFUSED, SET_LIMIT))).toEqual({
      kind: 'REJECTED',
      code: 'permission_denied',
      message: 'Not allowed to edit this event, at eventId',
    })
  })

  it('readRateLimit reads a rate limit refusal with status 200 and 429', () => {
    const now = new Date('2026-11-18T13:02:31.644Z')
    for (const status of [200, 429]) {
      const refused = responseWith(THROTTLED, status)
      const classified = classifyResponse(refused, EVENT_COUNTS)
      expect(classified.kind).toBe('RATE_LIMITED')
      const error = classified.kind === 'RATE_LIMITED' ? classified.error : null
      expect(readRateLimit(refused, error, now)).toEqual({
        resumeAt: new Date('2026-11-18T13:02:51.644Z'),
        consumed: 512,
        resetInMs: 20_000,
      })
    }
  })

  it.each([
    ['a past reset', responseWith(THROTTLED), '2026-11-18T14:00:00Z', 60_000],
    [
      'a reset while the response was on its way',
      { ...responseWith(THROTTLED), sentAt: new Date('2026-11-18T13:02:51.600Z') },
      '2026-11-18T13:02:52.600Z',
      1_000,
    ],
    [
      'a reset before the request was sent',
      { ...responseWith(THROTTLED), sentAt: new Date('2026-11-18T13:02:52Z') },
      '2026-11-18T13:02:52.600Z',
      60_000,
    ],
    ['no reset', responseWith(null, 429), '2026-11-18T13:00:00Z', 60_000],
    ['an unreadable reset', responseWith(null, 429, { 'retry-after': 'soon' }), '2026-11-18T13:00:00Z', 60_000],
    [
      'a retry-after date',
      responseWith(null, 429, { 'retry-after': 'Wed, 18 Nov 2026 13:00:09 GMT' }),
      '2026-11-18T13:00:00Z',
      9_000,
    ],
    ['retry-after seconds', responseWith(null, 429, { 'retry-after': '7' }), '2026-11-18T13:00:00Z', 7_000],
    ['an imminent reset', responseWith(THROTTLED), '2026-11-18T13:02:51.600Z', 1_000],
    ['a distant reset', responseWith(THROTTLED), '2026-11-18T12:00:00Z', 117_000],
  ])('readRateLimit returns a bounded wait for %s', (_what, refused, at, waitMs) => {
    const now = new Date(at)
    const body = refused.json
    const error = isObject(body) ? THROTTLED.errors[0] : null
    expect(readRateLimit(refused, error ?? null, now).resumeAt.getTime() - now.getTime()).toBe(waitMs)
  })

  it('classifyResponse distinguishes the layers of errors', () => {
    const kindOf = (json: unknown, status: number, operation: Operation) =>
      classifyResponse(responseWith(json, status), operation)
    expect(kindOf(INVALID, 200, RSVP_PAGE)).toMatchObject({ kind: 'REJECTED', code: 'VALIDATION_ERROR' })
    expect(kindOf(UNKNOWN_EVENT, 200, EVENT_COUNTS).kind).toBe('GONE')
    expect(kindOf({ data: { editEvent: null } }, 200, SET_LIMIT).kind).toBe('UNKNOWN')
    expect(kindOf({ data: {} }, 200, EVENT_COUNTS)).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
    expect(kindOf(null, 200, EVENT_COUNTS)).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
    expect(kindOf(null, 200, SET_LIMIT).kind).toBe('UNKNOWN')
    expect(kindOf(null, 401, EVENT_COUNTS).kind).toBe('UNAUTHORIZED')
    expect(kindOf(null, 403, EVENT_COUNTS).kind).toBe('FORBIDDEN')
    expect(kindOf({}, 404, EVENT_COUNTS)).toMatchObject({ kind: 'REJECTED', code: 'HTTP_404' })
    const broken = { errors: [{ message: 'Internal error' }], data: null }
    expect(kindOf(broken, 200, EVENT_COUNTS)).toEqual({ kind: 'UNAVAILABLE', reason: 'Internal error' })
    expect(kindOf(broken, 200, SET_LIMIT)).toEqual({ kind: 'UNKNOWN', reason: 'Internal error' })
  })

  it.each([
    ['rsvp.id', { ...GOING, id: undefined }],
    ['rsvp.id', { ...GOING, id: 'r\u00001' }],
    ['rsvp.status', { ...GOING, status: 'PERHAPS' }],
    ['rsvp.guestsCount', { ...GOING, guestsCount: null }],
    ['rsvp.guestsCount', { ...GOING, guestsCount: -1 }],
    ['rsvp.guestsCount', { ...GOING, guestsCount: 10_000 }],
    ['rsvp.updated', { ...GOING, updated: undefined }],
    ['rsvp.updated', { ...GOING, updated: '2026-11-18T07:58:40' }],
  ])('toOrderSnapshot throws a ContractError naming %s if it is missing or invalid', (field, rsvp) => {
    expect(() => toOrderSnapshot(rsvp, '1')).toThrow(ContractError)
    expect(() => toOrderSnapshot(rsvp, '1')).toThrow(field)
  })

  it('toOrderSnapshot gives an RSVP without a time of change the oldest version', () => {
    expect(toOrderSnapshot({ ...GOING, updated: null }, '1')).toMatchObject({ version: '1970-01-01T00:00:00.000Z' })
    const { event } = PAGE.data
    const edges = [{ node: { ...GOING, updated: null } }, ...event.rsvps.edges]
    const page = readRsvpPage({ ...event, rsvps: { ...event.rsvps, edges } }, '1')
    const times = event.rsvps.edges.map(({ node }) => Date.parse(node.updated))
    expect(page).toMatchObject({ newest: Math.max(...times), oldest: Math.min(...times) })
  })

  it('readCounts reads an event without settings as not closed', () => {
    expect(readCounts({ ...COUNTS.data.event, rsvpSettings: null }).closed).toBe(false)
    expect(() => readCounts({ ...COUNTS.data.event, rsvpSettings: undefined })).toThrow('event.rsvpSettings')
  })

  it('readCounts throws for a missing limit, and reads null as unlimited', () => {
    const { maxTickets: _, ...event } = COUNTS.data.event
    expect(() => readCounts(event)).toThrow('event.maxTickets')
    expect(readCounts({ ...event, maxTickets: null }).cap).toBe('UNLIMITED')
    for (const maxTickets of [0, -1, 1_000_000_001, 9_999_999_999]) {
      expect(readCounts({ ...event, maxTickets }).cap).toBe('UNLIMITED')
    }
    expect(readCounts({ ...event, maxTickets: 1_000_000_000 }).cap).toBe(1_000_000_000)
    expect(() => readCounts({ ...event, maxTickets: 1.5 })).toThrow('event.maxTickets')
  })

  it('readCounts ignores a count that the schema cannot hold', () => {
    const rsvps = { ...COUNTS.data.event.rsvps, totalCount: 2_147_483_648, yesCount: 9_999_999_999 }
    expect(readCounts({ ...COUNTS.data.event, rsvps })).toMatchObject({ rsvps: null, yesCount: null })
  })

  it('attendeesFromCounts includes the seats of hidden members', () => {
    const counts = readCounts(COUNTS.data.event)
    const seats = (rsvps: number | null, yesCount: number | null, guests = 0, hidden = 0) =>
      attendeesFromCounts({ ...counts, rsvps, yesCount }, { guests, hidden, known: true })
    expect(seats(97, 97, 3)).toEqual({ atLeast: 100, known: true })
    expect(seats(40, 47, 7)).toEqual({ atLeast: 47, known: true })
    expect(seats(90, 97)).toEqual({ atLeast: 97, known: true })
    expect(seats(40, 40, 3, 2)).toEqual({ atLeast: 45, known: true })
    expect(seats(null, null)).toEqual({ atLeast: 0, known: false })
  })

  it('emptiness detects an empty page of a list that is not empty', () => {
    const { event } = PAGE.data
    const nothingRead = { rows: 0, unreadable: 0, total: null }
    const emptied = { ...event, rsvps: { ...event.rsvps, edges: [] } }
    const last = { ...emptied, rsvps: { ...emptied.rsvps, totalCount: 50, pageInfo: { hasNextPage: false } } }
    const none = { ...last, rsvps: { ...last.rsvps, totalCount: 0 } }
    expect([event, emptied, last, none].map((page) => emptiness(page, nothingRead))).toEqual([
      'NONE',
      'AMISS',
      'HIDDEN',
      'NONE',
    ])
    // A list may end with an empty page after all of it was read, but not if it shrank during the read.
    expect(emptiness(last, { rows: 50, unreadable: 0, total: 50 })).toBe('NONE')
    expect(emptiness(last, { rows: 50, unreadable: 0, total: 51 })).toBe('HIDDEN')
    expect(emptiness(last, { rows: 49, unreadable: 0, total: 50 })).toBe('HIDDEN')
    expect(emptiness(emptied, { rows: 49, unreadable: 0, total: 49 })).toBe('AMISS')
    expect(listFingerprint(emptied)).not.toBe(listFingerprint(event))
  })
})
