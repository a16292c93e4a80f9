import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CapSync, SyncResult } from '../../channels/sync/cap-sync.js'
import { emptyBalances } from '../../domain/stock/ledger-account.js'
import { SystemClock, SystemTimers } from '../../infrastructure/time/system-time.js'
import type { EventStore } from '../../stock/event-store.js'
import type { Failure } from '../../platforms/port.js'
import { EmergencyClose } from './emergency-close.js'
import type { ClosingOrder } from './closing-order.js'

const CLOSED: SyncResult = { done: true, eventId: null }
const retryIn = (ms: number, reason: string, failure?: Failure['kind']): SyncResult => ({
  done: false,
  retryAt: new Date(Date.now() + ms),
  reason,
  ...(failure ? { failure } : {}),
})

const channel = (id: string, platform: string) => ({
  id,
  platform,
  connectionId: platform,
  eventId: 'evt',
  confirmedCap: 50,
  confirmedMode: 'OPEN',
  desiredCap: 50,
  desiredMode: 'OPEN',
  pendingTickets: 0,
  platformSold: null,
  unconfirmedCap: null,
  raisedAt: null,
  needsSweepSince: null,
  pausedSince: null,
})

/** One event with these channels; each stays open until `sync` returns that it is closed. */
function emergencyCloseOf(channels: ReturnType<typeof channel>[], sync: (id: string) => Promise<SyncResult>) {
  const closed = new Set<string>()
  const event = () => ({
    id: 'evt',
    balances: emptyBalances(),
    channels: channels.filter(({ id }) => !closed.has(id)),
  })
  const events = { snapshots: async () => [event()] }
  const order = { prioritize: async (events: unknown[]) => events }
  const attempts: string[] = []
  const capSync = {
    sync: async (id: string) => {
      attempts.push(id)
      const result = await sync(id)
      if (result.done) closed.add(id)
      return result
    },
  }
  const emergencyClose = new EmergencyClose(
    events as unknown as EventStore,
    capSync as unknown as CapSync,
    order as unknown as ClosingOrder,
    new SystemClock(),
    new SystemTimers(),
  )
  /** As in fail-safe mode: one round every 200 ms. */
  const runFor = async (ms: number) => {
    for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 200) {
      await emergencyClose.startRound()
      await vi.advanceTimersByTimeAsync(200)
    }
    return emergencyClose.startRound()
  }
  return { runFor, attemptsOf: (id: string) => attempts.filter((attempted) => attempted === id).length }
}

describe('EmergencyClose', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('retries a rejected close at once and then at least every two seconds', async () => {
    // The cap sync would delay this for a minute.
    const { runFor, attemptsOf } = emergencyCloseOf([channel('e', 'EVENTBRITE')], async () =>
      retryIn(60_000, 'REJECTED: sold more'),
    )
    await runFor(1_000)
    expect(attemptsOf('e')).toBeGreaterThanOrEqual(3)
    await runFor(20_000)
    expect(attemptsOf('e')).toBeGreaterThanOrEqual(10)
  })

  it('closes the other platforms while one hangs and one is throttled', async () => {
    const channels = [...Array.from({ length: 6 }, (_, n) => channel(`m${n}`, 'MEETUP')), channel('l', 'LUMA')]
    channels.push(channel('e', 'EVENTBRITE'))
    const { runFor, attemptsOf } = emergencyCloseOf(channels, async (id) => {
      if (id.startsWith('m')) return new Promise(() => undefined)
      if (id === 'e' && attemptsOf('e') < 3) return retryIn(100, 'sold in the meantime')
      return CLOSED
    })
    // The six Meetup channels are left, each in progress.
    expect(await runFor(3_000)).toBe(6)
  })

  it('waits until a throttled budget resumes, and does not retry failures that need an operator', async () => {
    const channels = [channel('l', 'LUMA'), channel('e', 'EVENTBRITE')]
    const { runFor, attemptsOf } = emergencyCloseOf(channels, async (id) =>
      id === 'l' ? retryIn(5_000, 'throttled', 'THROTTLED') : retryIn(60_000, 'no such token', 'AUTH_FAILED'),
    )
    await runFor(4_800)
    expect([attemptsOf('l'), attemptsOf('e')]).toEqual([1, 1])
    await runFor(1_000)
    expect([attemptsOf('l'), attemptsOf('e')]).toEqual([2, 1])
  })
})
