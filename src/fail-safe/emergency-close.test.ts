import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CapSync, SyncResult } from '../channels/cap-sync.js'
import { emptyBalances } from '../domain/ledger-account.js'
import type { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { columnsOf } from '../inventory/balance-columns.js'
import type { Failure } from '../platforms/port.js'
import { EmergencyClose } from './emergency-close.js'
import type { ClosingOrder } from './closing-order.js'

const CLOSED: SyncResult = { done: true, eventId: null }
const again = (ms: number, why: string, failure?: Failure['kind']): SyncResult => ({
  done: false,
  again: new Date(Date.now() + ms),
  why,
  ...(failure ? { failure } : {}),
})

const channel = (id: string, platform: string) => ({
  id,
  platform,
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

/** One event with these channels, each of which stays open until `sync` answers that it is closed. */
function closingOf(channels: ReturnType<typeof channel>[], sync: (id: string) => Promise<SyncResult>) {
  const closed = new Set<string>()
  const event = () => ({
    id: 'evt',
    balance: columnsOf(emptyBalances()),
    channels: channels.filter(({ id }) => !closed.has(id)),
  })
  const prisma = { event: { findMany: async () => [event()] } }
  const order = { of: async (events: unknown[]) => events }
  const tries: string[] = []
  const capSync = {
    sync: async (id: string) => {
      tries.push(id)
      const result = await sync(id)
      if (result.done) closed.add(id)
      return result
    },
  }
  const closing = new EmergencyClose(
    prisma as unknown as PrismaService,
    capSync as unknown as CapSync,
    order as unknown as ClosingOrder,
  )
  /** As in fail-safe mode: a turn each 200 ms. */
  const turns = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 200) {
      await closing.round()
      await vi.advanceTimersByTimeAsync(200)
    }
    return closing.round()
  }
  return { turns, triesOf: (id: string) => tries.filter((tried) => tried === id).length }
}

describe('closing without Redis', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('tries a refused closing again at once and never less often than every two seconds', async () => {
    // What the cap sync would put off for a minute.
    const { turns, triesOf } = closingOf([channel('e', 'EVENTBRITE')], async () => again(60_000, 'REJECTED: sold more'))
    await turns(1_000)
    expect(triesOf('e')).toBeGreaterThanOrEqual(3)
    await turns(20_000)
    expect(triesOf('e')).toBeGreaterThanOrEqual(10)
  })

  it('closes the other platforms while one hangs and one is throttled', async () => {
    const channels = [...Array.from({ length: 6 }, (_, n) => channel(`m${n}`, 'MEETUP')), channel('l', 'LUMA')]
    channels.push(channel('e', 'EVENTBRITE'))
    const { turns, triesOf } = closingOf(channels, async (id) => {
      if (id.startsWith('m')) return new Promise(() => undefined)
      if (id === 'e' && triesOf('e') < 3) return again(100, 'sold meanwhile')
      return CLOSED
    })
    // Six of Meetup are left, each of which is at work.
    expect(await turns(3_000)).toBe(6)
  })

  it('waits for the instant that a budget names, and asks no more of what only a person ends', async () => {
    const channels = [channel('l', 'LUMA'), channel('e', 'EVENTBRITE')]
    const { turns, triesOf } = closingOf(channels, async (id) =>
      id === 'l' ? again(5_000, 'throttled', 'THROTTLED') : again(60_000, 'no such token', 'AUTH_FAILED'),
    )
    await turns(4_800)
    expect([triesOf('l'), triesOf('e')]).toEqual([1, 1])
    await turns(1_000)
    expect([triesOf('l'), triesOf('e')]).toEqual([2, 1])
  })
})
