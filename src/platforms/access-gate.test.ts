import { beforeEach, describe, expect, it } from 'vitest'
import { AccessGate } from './access-gate.js'
import type { Failure, Listing, Outcome, PlatformAdapter } from './port.js'

const MINUTE = 60_000
const REVOKED: Failure = { kind: 'AUTH_FAILED', message: 'the token was revoked' }
const listing = (id: string): Listing => ({ externalEventId: id, externalTicketClassId: null, acknowledgedCap: null })

let now: number
let calls: string[]
/** What the platform answers, by listing; `*`: the others. */
let answers: Record<string, Failure['kind'] | 'OK'>
let gate: AccessGate

function answer<T>(operation: string, id: string, value: T): Promise<Outcome<T>> {
  calls.push(`${operation} ${id}`)
  const kind = answers[`${operation} ${id}`] ?? answers[id] ?? answers['*'] ?? 'OK'
  if (kind === 'OK') return Promise.resolve({ kind, value })
  if (kind === 'AUTH_FAILED') return Promise.resolve(REVOKED)
  return Promise.resolve({ kind, message: 'no', reason: 'no' } as Failure)
}

beforeEach(() => {
  now = Date.UTC(2026, 0, 1)
  calls = []
  answers = {}
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
      answer('read', id, { ...reading, waitlistAvailable: null, asOf: new Date(now) }),
    writeCap: ({ externalEventId: id }) => answer('write', id, confirmed),
    setMode: ({ externalEventId: id }) => answer('mode', id, confirmed),
    listOrders: ({ externalEventId: id }) => answer('list', id, page),
    getOrder: (_, id) => answer('order', id, null),
    voidOrder: (_, id) => answer('void', id, null),
    ensureWebhookSubscription: () => answer('subscribe', '-', { id: '1', created: false, secret: null }),
    checkAccess: (_endpoint, _context, events = []) =>
      answer('check', events.join(' ') || '-', { account: null, subscribed: null }),
    authenticate: () => 'AUTHENTIC',
    parseDelivery: () => null,
  }
  gate = new AccessGate(adapter, () => new Date(now))
})

const context = { lane: 'grow' } as const
const list = (id: string) => gate.listOrders(listing(id), 'changed', null, context)
const write = (id: string) => gate.writeCap(listing(id), 5, context)
const close = (id: string) => gate.setMode(listing(id), 'WAITLIST_ONLY', 1, { lane: 'protect' })

/** One call per second of each kind and listing, as busy loops make them. */
async function busy(ms: number, more: () => Promise<unknown> = () => Promise.resolve()): Promise<number> {
  const before = calls.length
  for (const end = now + ms; now < end; now += 1_000) {
    for (const id of ['a', 'b']) await Promise.all([list(id), write(id)])
    await more()
  }
  return calls.length - before
}

describe('revoked credentials', () => {
  it('cost a handful of calls in the first minute and hardly any later, instead of hundreds', async () => {
    answers['*'] = 'AUTH_FAILED'
    expect(await busy(MINUTE)).toBeLessThanOrEqual(5)
    expect(await busy(10 * MINUTE)).toBeLessThanOrEqual(5)
    expect(await busy(60 * MINUTE)).toBeLessThanOrEqual(7)
    expect(await list('a')).toEqual(REVOKED)
    expect(gate.refused()).toEqual({
      platform: 'LUMA',
      since: new Date(Date.UTC(2026, 0, 1)),
      message: REVOKED.message,
    })
  })

  it('are known to be refused where there is a single listing, too', async () => {
    answers['*'] = 'AUTH_FAILED'
    for (let turn = 0; turn < 300; turn++, now += 1_000) await list('a')
    expect(calls.length).toBeLessThanOrEqual(6)
    expect(gate.refused()?.message).toBe(REVOKED.message)
  })

  it('let closings be tried twice a minute at most', async () => {
    answers['*'] = 'AUTH_FAILED'
    await busy(30 * MINUTE)
    const before = calls.filter((call) => call.startsWith('mode')).length
    await busy(10 * MINUTE, () => close('a'))
    const closings = calls.filter((call) => call.startsWith('mode')).length - before
    expect(closings).toBeGreaterThanOrEqual(15)
    expect(closings).toBeLessThanOrEqual(20)
  })

  it('work again everywhere with the first call that succeeds', async () => {
    answers['*'] = 'AUTH_FAILED'
    await busy(5 * MINUTE)
    answers = {}
    await busy(5 * MINUTE)
    expect(gate.refused()).toBeNull()
    calls = []
    await Promise.all([list('a'), write('a'), list('b'), write('b')])
    expect(calls).toHaveLength(4)
  })

  it('are always tried when a person asks, and believed at once', async () => {
    answers['*'] = 'AUTH_FAILED'
    await busy(5 * MINUTE)
    calls = []
    for (let turn = 0; turn < 3; turn++) expect(await gate.checkAccess(null, context)).toEqual(REVOKED)
    expect(calls).toHaveLength(3)
    answers = {}
    expect((await gate.checkAccess(null, context, ['a', 'b'])).kind).toBe('OK')
    expect(calls.at(-1)).toContain('a b')
    expect((await list('a')).kind).toBe('OK')
    expect((await write('b')).kind).toBe('OK')
  })

  it('send one probe at a time, however many calls wait for it', async () => {
    answers['*'] = 'AUTH_FAILED'
    await busy(MINUTE)
    now += 10 * MINUTE
    calls = []
    await Promise.all(Array.from({ length: 20 }, () => list('c')))
    expect(calls).toHaveLength(1)
  })
})

describe('a listing', () => {
  it('of another account does not cost the others theirs', async () => {
    answers['a'] = 'AUTH_FAILED'
    await busy(10 * MINUTE)
    expect(gate.refused()).toBeNull()
    expect(calls.filter((call) => call === 'list b')).toHaveLength(600)
    expect(calls.filter((call) => call.endsWith(' a')).length).toBeLessThanOrEqual(12)
  })

  it.each(['FORBIDDEN', 'GONE'] as const)('that is %s is tried now and then, and the others as ever', async (kind) => {
    answers['a'] = kind
    await busy(10 * MINUTE)
    expect(calls.filter((call) => call === 'list a').length).toBeLessThanOrEqual(6)
    expect(calls.filter((call) => call === 'list b')).toHaveLength(600)
    answers = {}
    await busy(10 * MINUTE)
    calls = []
    await list('a')
    expect(calls).toEqual(['list a'])
  })

  it('that may be read but not written is still read', async () => {
    answers['write a'] = 'FORBIDDEN'
    await busy(MINUTE)
    expect(calls.filter((call) => call === 'list a')).toHaveLength(60)
    expect(calls.filter((call) => call === 'write a').length).toBeLessThanOrEqual(2)
  })

  it('is none the worse for an order that is gone, nor for a platform that is away', async () => {
    answers = { o1: 'GONE', a: 'UNAVAILABLE' }
    for (let turn = 0; turn < 5; turn++) {
      await gate.getOrder(listing('b'), 'o1', context)
      await list('a')
    }
    expect(calls).toHaveLength(10)
    expect((await list('b')).kind).toBe('OK')
  })
})
