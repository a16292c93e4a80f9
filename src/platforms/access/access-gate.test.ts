import { beforeEach, describe, expect, it } from 'vitest'
import { AccessGate } from './access-gate.js'
import type { Failure, Listing, Outcome, PlatformAdapter } from '../port.js'

const MINUTE = 60_000
const REVOKED: Failure = { kind: 'AUTH_FAILED', message: 'the token was revoked' }
const listing = (id: string): Listing => ({ externalEventId: id, externalTicketClassId: null, acknowledgedCap: null })

let now: number
let calls: string[]
/** Outcome of a call, by operation and listing or by listing; `*`: all others. */
let outcomes: Record<string, Failure['kind'] | 'OK'>
let gate: AccessGate

function respond<T>(operation: string, id: string, value: T): Promise<Outcome<T>> {
  calls.push(`${operation} ${id}`)
  const kind = outcomes[`${operation} ${id}`] ?? outcomes[id] ?? outcomes['*'] ?? 'OK'
  if (kind === 'OK') return Promise.resolve({ kind, value })
  if (kind === 'AUTH_FAILED') return Promise.resolve(REVOKED)
  return Promise.resolve({ kind, message: 'no', reason: 'no' } as Failure)
}

beforeEach(() => {
  now = Date.UTC(2026, 0, 1)
  calls = []
  outcomes = {}
  const confirmed = { cap: 5, mode: 'OPEN' as const, pending: 0, confirmedAt: new Date(now) }
  const page = { snapshots: [], nextCursor: {}, done: true, platformCount: null }
  const reading = { cap: 5, capSource: 'read' as const, sold: 0, pending: 0, mode: 'OPEN' as const }
  const adapter: PlatformAdapter = {
    platform: 'LUMA',
    configured: true,
    hasWebhooks: true,
    canVoid: true,
    settleMs: 1,
    readChannel: ({ externalEventId: id }) =>
      respond('read', id, { ...reading, waitlistAvailable: null, asOf: new Date(now) }),
    writeCap: ({ externalEventId: id }) => respond('write', id, confirmed),
    setMode: ({ externalEventId: id }) => respond('mode', id, confirmed),
    listOrders: ({ externalEventId: id }) => respond('list', id, page),
    getOrder: (_, id) => respond('order', id, null),
    voidOrder: (_, id) => respond('void', id, null),
    ensureWebhookSubscription: () => respond('subscribe', '-', { id: '1', created: false, secret: null }),
    checkAccess: (_endpoint, _context, events = []) =>
      respond('check', events.join(' ') || '-', { account: null, subscribed: null }),
    authenticate: () => 'AUTHENTIC',
    parseDelivery: () => null,
  }
  gate = new AccessGate(adapter, () => new Date(now))
})

const context = { lane: 'grow' } as const
const list = (id: string) => gate.listOrders(listing(id), 'changed', null, context)
const write = (id: string) => gate.writeCap(listing(id), 5, context)
const close = (id: string) => gate.setMode(listing(id), 'WAITLIST_ONLY', 1, { lane: 'protect' })

/** Calls each operation and listing once per second, as the background loops do. Returns the number of calls sent. */
async function callEverySecond(ms: number, more: () => Promise<unknown> = () => Promise.resolve()): Promise<number> {
  const before = calls.length
  for (const end = now + ms; now < end; now += 1_000) {
    for (const id of ['a', 'b']) await Promise.all([list(id), write(id)])
    await more()
  }
  return calls.length - before
}

describe('AccessGate with revoked credentials', () => {
  it('sends at most five calls in the first minute and even fewer later, instead of hundreds', async () => {
    outcomes['*'] = 'AUTH_FAILED'
    expect(await callEverySecond(MINUTE)).toBeLessThanOrEqual(5)
    expect(await callEverySecond(10 * MINUTE)).toBeLessThanOrEqual(5)
    expect(await callEverySecond(60 * MINUTE)).toBeLessThanOrEqual(7)
    expect(await list('a')).toEqual(REVOKED)
    expect(gate.refused()).toEqual({
      platform: 'LUMA',
      since: new Date(Date.UTC(2026, 0, 1)),
      message: REVOKED.message,
    })
  })

  it('reports refused credentials with a single listing, too', async () => {
    outcomes['*'] = 'AUTH_FAILED'
    for (let turn = 0; turn < 300; turn++, now += 1_000) await list('a')
    expect(calls.length).toBeLessThanOrEqual(6)
    expect(gate.refused()?.message).toBe(REVOKED.message)
  })

  it('probes with closings at most twice a minute', async () => {
    outcomes['*'] = 'AUTH_FAILED'
    await callEverySecond(30 * MINUTE)
    const before = calls.filter((call) => call.startsWith('mode')).length
    await callEverySecond(10 * MINUTE, () => close('a'))
    const closings = calls.filter((call) => call.startsWith('mode')).length - before
    expect(closings).toBeGreaterThanOrEqual(15)
    expect(closings).toBeLessThanOrEqual(20)
  })

  it('sends all calls again after the first success', async () => {
    outcomes['*'] = 'AUTH_FAILED'
    await callEverySecond(5 * MINUTE)
    outcomes = {}
    await callEverySecond(5 * MINUTE)
    expect(gate.refused()).toBeNull()
    calls = []
    await Promise.all([list('a'), write('a'), list('b'), write('b')])
    expect(calls).toHaveLength(4)
  })

  it('always sends an access check, and clears the failure when it succeeds', async () => {
    outcomes['*'] = 'AUTH_FAILED'
    await callEverySecond(5 * MINUTE)
    calls = []
    for (let turn = 0; turn < 3; turn++) expect(await gate.checkAccess(null, context)).toEqual(REVOKED)
    expect(calls).toHaveLength(3)
    outcomes = {}
    expect((await gate.checkAccess(null, context, ['a', 'b'])).kind).toBe('OK')
    expect(calls.at(-1)).toContain('a b')
    expect((await list('a')).kind).toBe('OK')
    expect((await write('b')).kind).toBe('OK')
  })

  it('sends one probe at a time for any number of concurrent calls', async () => {
    outcomes['*'] = 'AUTH_FAILED'
    await callEverySecond(MINUTE)
    now += 10 * MINUTE
    calls = []
    await Promise.all(Array.from({ length: 20 }, () => list('c')))
    expect(calls).toHaveLength(1)
  })
})

describe('AccessGate with an inaccessible listing', () => {
  it('keeps calling the other listings when one belongs to another account', async () => {
    outcomes['a'] = 'AUTH_FAILED'
    await callEverySecond(10 * MINUTE)
    expect(gate.refused()).toBeNull()
    expect(calls.filter((call) => call === 'list b')).toHaveLength(600)
    expect(calls.filter((call) => call.endsWith(' a')).length).toBeLessThanOrEqual(12)
  })

  it.each(['FORBIDDEN', 'GONE'] as const)(
    'probes a listing that is %s with backoff, and others as usual',
    async (kind) => {
      outcomes['a'] = kind
      await callEverySecond(10 * MINUTE)
      expect(calls.filter((call) => call === 'list a').length).toBeLessThanOrEqual(6)
      expect(calls.filter((call) => call === 'list b')).toHaveLength(600)
      outcomes = {}
      await callEverySecond(10 * MINUTE)
      calls = []
      await list('a')
      expect(calls).toEqual(['list a'])
    },
  )

  it('keeps reading a listing that may be read but not written', async () => {
    outcomes['write a'] = 'FORBIDDEN'
    await callEverySecond(MINUTE)
    expect(calls.filter((call) => call === 'list a')).toHaveLength(60)
    expect(calls.filter((call) => call === 'write a').length).toBeLessThanOrEqual(2)
  })

  it('does not block a listing for an order that is GONE or for a platform that is unavailable', async () => {
    outcomes = { o1: 'GONE', a: 'UNAVAILABLE' }
    for (let turn = 0; turn < 5; turn++) {
      await gate.getOrder(listing('b'), 'o1', context)
      await list('a')
    }
    expect(calls).toHaveLength(10)
    expect((await list('b')).kind).toBe('OK')
  })
})
