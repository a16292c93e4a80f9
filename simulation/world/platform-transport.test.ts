import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { OutgoingWebhook } from '../../simulators/kit/index.js'
import type { ApiPlatform } from '../../src/domain/channel.js'
import { SeededRandom } from '../../src/infrastructure/time/seeded-random.js'
import { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import { EventbriteAdapter } from '../../src/platforms/eventbrite/eventbrite-adapter.js'
import { AxiosPlatformHttp } from '../../src/platforms/http/axios-platform-http.js'
import { LumaAdapter } from '../../src/platforms/luma/luma-adapter.js'
import { MeetupAdapter } from '../../src/platforms/meetup/meetup-adapter.js'
import type { CallContext, Listing, Outcome, PlatformAdapter } from '../../src/platforms/port.js'
import type { Budget, Permit, RateLimiter } from '../../src/platforms/throttle/limiter.js'
import { CREDENTIALS } from './credentials.js'
import { ProcessTimers } from './process-timers.js'
import { transportTo, type Reach } from './platform-transport.js'
import { startPlatforms, type PlatformOptions, type SimulatedPlatforms } from './simulated-platforms.js'

const CONTEXT: CallContext = { lane: 'protect', state: true }
const HOOKS = 'http://127.0.0.1:9/webhooks'
const MEETUP_SECRET = `whsec_${Buffer.from('the secret of a Meetup bridge').toString('base64')}`
const HOUR_MS = 3_600_000
const NAMES = ['eventbrite', 'luma', 'meetup'] as const

/** Grants everything but what the platform has blocked: budgets have their own tests. */
class OpenLimiter implements RateLimiter {
  private blockedUntil = 0

  constructor(private readonly time: VirtualTime) {}

  acquire(): Promise<Permit> {
    const waitMs = this.blockedUntil - this.time.ms()
    return Promise.resolve(waitMs > 0 ? { granted: false, waitMs } : { granted: true, reservation: 'open' })
  }

  block(_budget: Budget, until: Date): Promise<void> {
    this.blockedUntil = until.getTime()
    return Promise.resolve()
  }

  readonly refund = () => Promise.resolve()
  readonly observe = () => Promise.resolve()
}

interface WorldOptions {
  knobs?: PlatformOptions['knobs']
  reach?: () => Reach
  /** How long the process of the clients is suspended at first, ms. */
  suspendedMs?: number
}

/** The production adapters and their HTTP clients on virtual time, and the three platforms. */
async function startWorld(seed: number, { knobs = {}, reach, suspendedMs = 0 }: WorldOptions = {}) {
  const time = new VirtualTime()
  const random = new SeededRandom(seed)
  const webhooks: (OutgoingWebhook & { at: number })[] = []
  const platforms = await startPlatforms({
    seed,
    time,
    knobs,
    post: (webhook) => {
      webhooks.push({ ...webhook, at: time.ms() })
      return Promise.resolve(202)
    },
    meetup: { toggles: { bridgeHints: 'on' }, hintTarget: { url: `${HOOKS}/meetup`, secrets: [MEETUP_SECRET] } },
  })
  const { eventbrite, luma, meetup } = platforms
  const transport = transportTo([eventbrite, luma, meetup], { timers: time, outside: time, ...(reach && { reach }) })
  const suspendedUntil = time.ms() + suspendedMs
  const timers = new ProcessTimers(time, {
    isAlive: () => true,
    pausedUntil: () => (time.ms() < suspendedUntil ? suspendedUntil : null),
  })
  const httpOf = (platform: ApiPlatform) =>
    new AxiosPlatformHttp({
      platform,
      budget: { bucket: platform, limit: 1_000_000, windowSeconds: 60, reserve: 0 },
      limiter: new OpenLimiter(time),
      clock: time,
      timers,
      log: () => undefined,
      random: () => random.next(),
      transport,
    })
  const https = { eventbrite: httpOf('EVENTBRITE'), luma: httpOf('LUMA'), meetup: httpOf('MEETUP') }
  const adapters: Record<(typeof NAMES)[number], PlatformAdapter> = {
    eventbrite: new EventbriteAdapter({
      config: { apiUrl: eventbrite.url, token: CREDENTIALS.eventbriteToken, webhookToken: 'path-token' },
      http: https.eventbrite,
      now: time.now,
    }),
    luma: new LumaAdapter({
      config: { apiUrl: luma.url, apiKey: CREDENTIALS.lumaKey },
      http: https.luma,
      now: time.now,
      sleep: time.sleep,
    }),
    meetup: new MeetupAdapter({
      config: {
        apiUrl: meetup.url,
        credentials: { accessToken: CREDENTIALS.meetupToken },
        webhookSecret: MEETUP_SECRET,
      },
      http: https.meetup,
      now: time.now,
    }),
  }
  const run = <T>(work: Promise<T>) => time.until(work, HOUR_MS)
  const close = async () => {
    for (const http of Object.values(https)) http.close()
    await platforms.close()
  }
  return { time, platforms, adapters, https, webhooks, run, close }
}

type World = Awaited<ReturnType<typeof startWorld>>

describe('Production adapters and simulated platforms in one process, on virtual time', () => {
  let opened: World[] = []
  const open = async (...options: Parameters<typeof startWorld>) => {
    const world = await startWorld(...options)
    opened.push(world)
    return world
  }
  afterEach(async () => {
    await Promise.all(opened.map((world) => world.close()))
    opened = []
  })

  it.each(NAMES)('write a cap, read it back, read the orders of a sale, and accept its webhook: %s', async (name) => {
    const world = await open(1)
    const seen = await sell(world, name)
    expect(seen).toMatchObject({ written: 20, cap: 20, sold: 2, live: 2 })
    expect(seen.webhooks.length).toBeGreaterThan(0)
    expect(seen.webhooks).toEqual(seen.webhooks.map(() => 'AUTHENTIC'))
  })

  it.each(NAMES)('end a silent write as UNKNOWN after 10 s: %s', async (name) => {
    const { time, platforms, adapters, run } = await open(1)
    const listing = listingOn(platforms, name)
    platforms[name].faults.inject({ fault: 'timeoutAfterApply', on: 'write' })
    const started = time.ms()
    const outcome = await run(adapters[name].writeCap(listing, 20, CONTEXT))
    expect(outcome).toMatchObject({ kind: 'UNKNOWN', reason: expect.stringContaining('no response within 10000 ms') })
    expect(time.ms() - started).toBe(10_000)
    expect(platforms[name].trace.query().calls.at(-1)).toMatchObject({ status: 0, fault: 'timeoutAfterApply' })
    // The simulator has noticed that the caller gave up.
    expect(await platforms[name].drain(1_000)).toBe(0)
  })

  it('apply a late write within its time to land, although its client is suspended', async () => {
    const { time, platforms, adapters, run } = await open(1, { suspendedMs: 100_000 })
    const listing = listingOn(platforms, 'eventbrite')
    platforms.eventbrite.faults.inject({ fault: 'timeoutBeforeApply', on: 'write', lateApplyMs: 14_500 })
    const written = adapters.eventbrite.writeCap(listing, 20, CONTEXT)
    await run(time.sleep(10_000 + adapters.eventbrite.settleMs))
    expect(platforms.eventbrite.control.truth(listing.externalEventId).capacity).toBe(20)
    expect(await run(written)).toMatchObject({ kind: 'UNKNOWN' })
  })

  it.each(NAMES)('end a reset write as UNKNOWN, and a reset read as UNAVAILABLE: %s', async (name) => {
    const { platforms, adapters, run } = await open(1)
    const listing = listingOn(platforms, name)
    platforms[name].faults.inject({ fault: 'connectionReset', on: 'write' })
    expect(await run(adapters[name].writeCap(listing, 20, CONTEXT))).toMatchObject({ kind: 'UNKNOWN' })
    platforms[name].faults.clear()
    platforms[name].faults.inject({ fault: 'connectionReset' })
    expect(await run(adapters[name].readChannel(listing, CONTEXT))).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it.each<[Reach, number, string]>([
    ['REFUSED', 0, 'ECONNREFUSED'],
    ['UNREACHABLE', 3_000, 'no connection within 3000 ms'],
  ])('know that nothing was sent when a platform is %s', async (reach, ms, reason) => {
    let now: Reach = reach
    const { time, platforms, https, run } = await open(1, { reach: () => now })
    const write = () =>
      run(
        https.luma.call({
          method: 'POST',
          url: `${platforms.luma.url}/v1/events/update`,
          headers: {},
          json: {},
          kind: 'write',
          weight: 1,
          lane: 'protect',
          operation: 'write_cap',
        }),
      )
    const started = time.ms()
    expect(await write()).toEqual({ kind: 'NOT_SENT', reason: expect.stringContaining(reason) })
    expect(time.ms() - started).toBe(ms)
    expect(platforms.luma.trace.query().calls).toEqual([])
    now = 'OPEN'
    expect(await write()).toMatchObject({ kind: 'RESPONSE', status: 401 })
  })

  it('open the circuit breaker of a platform that fails, and close it after it recovered', async () => {
    const { time, platforms, adapters, https, run } = await open(1)
    const listing = listingOn(platforms, 'luma')
    platforms.luma.knobs.patch({ outageUntil: time.ms() + 5_000 })
    const read = () => run(adapters.luma.readChannel(listing, { lane: 'bulk' }))
    for (let call = 0; call < 6; call++) await read()
    expect(https.luma.breakerState()).toBe('OPEN')
    await run(time.sleep(10_000))
    expect(https.luma.breakerState()).toBe('HALF_OPEN')
    expect(await read()).toMatchObject({ kind: 'OK' })
    expect(https.luma.breakerState()).toBe('CLOSED')
  })

  it('do the same at the same times for the same seed, whatever the clock and the chance of this machine', async () => {
    onTestFinished(() => void vi.restoreAllMocks().useRealTimers())
    const onMachine = async (now: string, chance: number, seed: number) => {
      // Timers that never fire.
      vi.useFakeTimers({ now: Date.parse(now), toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval'] })
      vi.spyOn(Math, 'random').mockReturnValue(chance)
      const lines = await history(seed, open)
      expect(vi.getTimerCount()).toBe(0)
      return lines
    }
    const first = await onMachine('2031-01-01T00:00:00Z', 0.1, 7)
    expect(first.length).toBeGreaterThan(150)
    expect(await onMachine('2019-06-30T12:34:56Z', 0.9, 7)).toEqual(first)
    expect(await onMachine('2031-01-01T00:00:00Z', 0.1, 8)).not.toEqual(first)
  })
})

/** One sale through the adapter of a platform: what the adapter saw, and whether it accepted the webhooks. */
async function sell({ time, platforms, adapters, webhooks, run }: World, name: (typeof NAMES)[number]) {
  const adapter = adapters[name]
  const listing = listingOn(platforms, name)
  if (adapter.hasWebhooks) {
    const url = `${HOOKS}/${name}${name === 'eventbrite' ? '/path-token' : ''}`
    const subscription = valueOf(await run(adapter.ensureWebhookSubscription(url, CONTEXT, [listing.externalEventId])))
    if (subscription.secret !== null) adapter.acceptSecret?.(subscription.secret)
  }
  const { cap: written } = valueOf(await run(adapter.writeCap(listing, 20, CONTEXT)))
  webhooks.length = 0
  platforms[name].listings.sell(refOf(listing), 2)
  await run(time.sleep(5_000))
  const reading = valueOf(await run(adapter.readChannel({ ...listing, acknowledgedCap: written }, CONTEXT)))
  const page = valueOf(await run(adapter.listOrders(listing, 'full', null, CONTEXT)))
  const live = page.snapshots.flatMap(({ tickets }) => tickets).filter((ticket) => ticket.live).length
  const received = webhooks.map(({ headers, body }) =>
    adapter.authenticate({ headers, body: Buffer.from(body), pathToken: 'path-token' }, time.now()),
  )
  return { written, cap: reading.cap, sold: reading.sold, live, webhooks: received }
}

/** Every call and webhook of a run with faults. */
async function history(seed: number, open: (...options: Parameters<typeof startWorld>) => Promise<World>) {
  const world = await open(seed, {
    knobs: {
      latencyMs: { p50: 120, p99: 2_000 },
      timeoutAfterApply: 0.05,
      serverErrorRate: 0.05,
      connectionReset: 0.05,
      throttleRate: 0.02,
      lateApplyMs: 3_000,
      timeoutBeforeApply: 0.05,
      webhookDuplicate: 0.2,
      webhookReorder: 0.2,
      webhookLoss: 0.1,
    },
  })
  const { time, platforms, adapters, webhooks, run } = world
  const outcomes: string[] = []
  await run(
    Promise.all(
      NAMES.map(async (name) => {
        const listing = listingOn(platforms, name)
        const note = (outcome: Outcome<unknown>) => outcomes.push(`${time.ms()} ${name} ${outcome.kind}`)
        note(await adapters[name].ensureWebhookSubscription(`${HOOKS}/${name}`, CONTEXT, [listing.externalEventId]))
        for (let cap = 20; cap < 26; cap++) {
          note(await adapters[name].writeCap(listing, cap, CONTEXT))
          platforms[name].listings.sell(refOf(listing), 1)
          note(await adapters[name].readChannel(listing, CONTEXT))
          note(await adapters[name].listOrders(listing, 'full', null, CONTEXT))
        }
      }),
    ),
  )
  await run(time.sleep(600_000))
  const calls = NAMES.flatMap((name) => platforms[name].trace.query().calls)
  return [
    ...calls.map(({ at, method, path, status, fault }) => `${at} ${method} ${path} ${status} ${fault}`),
    ...webhooks.map(({ at, url, headers, body }) => `${at} ${url} ${JSON.stringify(headers)} ${body}`),
    ...outcomes,
  ]
}

function listingOn(platforms: SimulatedPlatforms, name: (typeof NAMES)[number]): Listing {
  const { eventId, ticketTypeId } = platforms[name].listings.create({ capacity: 5, part: 'event', ticketTypes: 1 })
  return { externalEventId: eventId, externalTicketClassId: ticketTypeId, acknowledgedCap: null }
}

function refOf({ externalEventId, externalTicketClassId }: Listing) {
  return { eventId: externalEventId, ticketTypeId: externalTicketClassId }
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'OK') throw new Error(`expected OK, got ${JSON.stringify(outcome)}`)
  return outcome.value
}
