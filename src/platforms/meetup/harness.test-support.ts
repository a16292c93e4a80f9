import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator, type SimulatorOptions } from '../../../simulators/meetup/server.js'
import type { Lane } from '../../domain/channel.js'
import { SystemTimers } from '../../infrastructure/time/system-time.js'
import { AxiosPlatformHttp } from '../http/axios-platform-http.js'
import type { CallContext, Cursor, Listing, ListScope, OrderPage, Outcome } from '../port.js'
import type { Budget, Permit, RateLimiter, RateLimitStatus } from '../throttle/limiter.js'
import type { MeetupConfig } from './config.js'
import { MeetupAdapter } from './meetup-adapter.js'
import { InMemoryTokenStore } from './access/token-store.js'

export const PROTECT: CallContext = { lane: 'protect' }
export const GROW: CallContext = { lane: 'grow' }
export const BULK: CallContext = { lane: 'bulk' }

/** Grants everything and records its calls: budgets have their own tests. */
class OpenLimiter implements RateLimiter {
  readonly weights: number[] = []
  readonly blocks: Date[] = []
  readonly observed: RateLimitStatus[] = []
  refuse: (lane: Lane) => boolean = () => false

  acquire(_budget: Budget, weight: number, lane: Lane): Promise<Permit> {
    if (this.refuse(lane)) return Promise.resolve({ granted: false, waitMs: 600_000 })
    this.weights.push(weight)
    return Promise.resolve({ granted: true, reservation: String(this.weights.length) })
  }

  refund(): Promise<void> {
    return Promise.resolve()
  }

  block(_budget: Budget, until: Date): Promise<void> {
    this.blocks.push(until)
    return Promise.resolve()
  }

  observe(_budget: Budget, status: RateLimitStatus): Promise<void> {
    this.observed.push(status)
    return Promise.resolve()
  }
}

export interface HarnessOptions extends SimulatorOptions {
  config?: Partial<MeetupConfig>
  /** Sends JWTs in place of the fixed token. */
  privateKey?: string
  callMs?: number
}

/** The adapter with the real HTTP client, against the simulator on loopback. The clock can be advanced. */
export async function startHarness({ config, privateKey, callMs = 2_000, ...options }: HarnessOptions = {}) {
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const clock = {
    now,
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  }
  const simulator = await startSimulator({
    seed: 7,
    clock,
    limitScale: 100,
    ...options,
    knobs: { readLagMs: 0, ...options.knobs },
  })
  const limiter = new OpenLimiter()
  const http = new AxiosPlatformHttp({
    platform: 'MEETUP',
    budget: { bucket: 'meetup', limit: 500, windowSeconds: 60, reserve: 0.2 },
    limiter,
    clock: { now: () => new Date(now()), monotonicMs: now },
    timers: new SystemTimers(),
    log: () => undefined,
    random: () => 0,
    timeouts: { connectMs: 500, callMs },
  })
  const tokenStore = new InMemoryTokenStore()
  const credentials = privateKey
    ? {
        clientKey: 'client_example',
        memberId: '70000099',
        signingKeyId: 'key_example',
        privateKey,
        tokenUrl: simulator.tokenUrl,
      }
    : { accessToken: 'meetup-simulator-token' }
  const adapterWith = (overrides: Partial<MeetupConfig> = {}) =>
    new MeetupAdapter({
      config: { apiUrl: simulator.url, credentials, ...config, ...overrides },
      http,
      now: () => new Date(now()),
      tokenStore,
    })
  return {
    simulator,
    control: simulator.control,
    adapter: adapterWith(),
    adapterWith,
    limiter,
    tokenStore,
    now: () => new Date(now()),
    /** Advances the clock. */
    pass: (ms: number) => void (aheadMs += ms),
    close: async () => {
      http.close()
      await simulator.close()
    },
  }
}

export type Harness = Awaited<ReturnType<typeof startHarness>>

export function listingOf(externalEventId: string): Listing {
  return { externalEventId, externalTicketClassId: null, acknowledgedCap: null }
}

export const EVENT = '309000111'
export const LISTING = listingOf(EVENT)

/** A harness with one event of this capacity and this number of RSVPs. */
export async function startEvent(capacity: number | null, rsvps = 0, options: HarnessOptions = {}): Promise<Harness> {
  const harness = await startHarness(options)
  harness.control.createEvent({ id: EVENT, capacity, guestLimit: 2 })
  for (let i = 0; i < rsvps; i++) harness.control.rsvp(EVENT)
  return harness
}

/** The value of an outcome; throws for a failure. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'OK') throw new Error(`expected OK, not ${JSON.stringify(outcome)}`)
  return outcome.value
}

/** Reads a listing to its end. */
export async function listAll(
  { adapter }: Pick<Harness, 'adapter'>,
  eventId: string,
  scope: ListScope,
  from: Cursor | null = null,
) {
  const pages: OrderPage[] = []
  for (let cursor = from; pages.length < 50;) {
    const page = valueOf(await adapter.listOrders(listingOf(eventId), scope, cursor, BULK))
    pages.push(page)
    cursor = page.nextCursor
    if (page.done) break
  }
  const last = pages.at(-1)
  if (!last?.done) throw new Error('the listing does not end')
  const snapshots = pages.flatMap((page) => page.snapshots)
  const orders = new Map(snapshots.map((snapshot) => [snapshot.orderId, snapshot]))
  const live = [...orders.values()].flatMap(({ tickets }) => tickets).filter((ticket) => ticket.live).length
  return { pages, orders, live, cursor: last.nextCursor, platformCount: last.platformCount }
}
