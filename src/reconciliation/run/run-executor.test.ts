import { describe, expect, it } from 'vitest'
import type { ChannelStore } from '../../channels/channel-store.js'
import type { Channel } from '../../domain/channel-record.js'
import type { Platform } from '../../domain/channel.js'
import type { Subscriptions } from '../../inbound/subscriptions/subscriptions.js'
import type { Locks } from '../../infrastructure/locks/locks.js'
import type { Metrics } from '../../infrastructure/metrics/metrics.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { CapCheck } from '../checks/cap-check.js'
import { EventCheck } from '../checks/event-check.js'
import type { GateCheck } from '../checks/gate-check.js'
import type { DriftLog } from '../drift/drift-log.js'
import type { CheckOptions, OrderCheck } from '../orders/order-check.js'
import type { StagedOrders } from '../orders/staged-orders.js'
import { RunExecutor } from './run-executor.js'
import { RunLimits } from './run-limits.js'
import type { ReconciliationRun, RunChange, RunStore } from './run-store.js'

const MINUTE_MS = 60_000
const EVENTS = 40
const eventIds = Array.from({ length: EVENTS }, (_, number) => `evt_${String(number).padStart(2, '0')}`)
const PLATFORMS: readonly Platform[] = ['MEETUP', 'LUMA']

interface World {
  time: VirtualTime
  run: ReconciliationRun
  /** Events whose comparison has ended, in that order. */
  compared: string[]
  /** Of each platform: how long it has read, and when it last did, ms since the start. */
  busy: Map<Platform, { ms: number; until: number }>
  executor: RunExecutor
}

/**
 * The executor and the comparison of events on virtual time; what they call is replaced. A platform reads one listing at
 * a time, as its rate limit permits; a `hanging` one spends no budget and never ends.
 */
function worldOf(
  readMs: (event: number, platform: Platform) => number | 'HANGING',
  from: Partial<ReconciliationRun> = {},
): World {
  const time = new VirtualTime(0)
  const started = { id: 'run_1', state: 'RUNNING' as const, trigger: 'CLI' as const, dryRun: false, eventId: null }
  const progress = { requestedBy: null, eventsTotal: null, eventsDone: 0, position: null, attempts: 0, reason: null }
  const run: ReconciliationRun = { ...started, ...progress, startedAt: time.now(), finishedAt: null, ...from }
  const busy: World['busy'] = new Map()
  const budgets = new Map<Platform, Promise<void>>()
  const compared: string[] = []
  const read = async ({ eventId, platform }: Channel, { signal }: CheckOptions) => {
    const ms = readMs(eventIds.indexOf(eventId), platform)
    if (ms === 'HANGING') return time.sleep(Number.MAX_SAFE_INTEGER / 2, signal)
    const before = budgets.get(platform) ?? Promise.resolve()
    const spend = async () => {
      await before
      await time.sleep(ms)
      busy.set(platform, { ms: (busy.get(platform)?.ms ?? 0) + ms, until: time.ms() })
    }
    const reading = spend()
    budgets.set(platform, reading)
    await reading
  }
  const channelsOf = (eventId: string) =>
    PLATFORMS.map(
      (platform) =>
        ({
          id: `${eventId}-${platform}`,
          eventId,
          platform,
          connectionId: platform,
          importedAt: new Date(0),
        }) as Channel,
    )
  const events = new EventCheck(
    {
      matching: (_: null, { eventId }: { eventId: string }) => Promise.resolve(channelsOf(eventId)),
    } as unknown as ChannelStore,
    { check: read } as unknown as OrderCheck,
    { check: () => Promise.resolve() } as unknown as CapCheck,
    { check: (eventId: string) => Promise.resolve(compared.push(eventId)) } as unknown as GateCheck,
    new RunLimits(),
    time,
  )
  const runs = {
    running: () => Promise.resolve(run.state === 'RUNNING' ? { ...run } : null),
    countEvents: () => Promise.resolve(EVENTS),
    startAttempt: () => Promise.resolve(void (run.attempts += 1)),
    update: (_id: string, change: RunChange) => Promise.resolve(void Object.assign(run, change)),
    nextEvent: (_scope: unknown, position: string | null) =>
      Promise.resolve(eventIds.find((id) => position === null || id > position) ?? null),
  }
  const nothing = () => Promise.resolve()
  const executor = new RunExecutor(
    runs as unknown as RunStore,
    {
      tryWith: (_: string, work: (lost: AbortSignal) => unknown) => work(new AbortController().signal),
    } as unknown as Locks,
    events,
    { add: nothing, deleteOpen: nothing, alertOpen: nothing } as unknown as DriftLog,
    { clearAll: nothing } as unknown as StagedOrders,
    { ensureAll: nothing } as unknown as Subscriptions,
    new RunLimits(),
    time,
    time,
    { counter: () => ({ inc: () => undefined }) } as unknown as Metrics,
  )
  return { time, run, compared, busy, executor }
}

describe('A run over many events', () => {
  it('lets no platform idle while another one is behind', async () => {
    // The first half of the events is large on Meetup, the other half on Luma.
    const isLarge = (event: number, platform: Platform) => event < EVENTS / 2 === (platform === 'MEETUP')
    const world = worldOf((event, platform) => (isLarge(event, platform) ? 10 : 1) * MINUTE_MS)
    const each = (EVENTS / 2) * 11 * MINUTE_MS
    await world.time.until(world.executor.runPending(), 12 * 60 * MINUTE_MS)
    expect(world.run).toMatchObject({ state: 'SUCCEEDED', position: eventIds.at(-1), eventsDone: EVENTS })
    for (const platform of PLATFORMS) expect(world.busy.get(platform)).toEqual({ ms: each, until: each })
  })

  it('waits for a listing that hangs without delaying other events, and resumes before it', async () => {
    const slow = 3
    const hangs = (event: number, platform: Platform) =>
      event === slow && platform === 'MEETUP' ? 'HANGING' : MINUTE_MS
    const { time, run, compared, executor } = worldOf(hangs)
    const done: number[] = []
    const running = executor.runPending((progress) => done.push(progress.done))
    await time.run((EVENTS + 1) * MINUTE_MS)
    expect(compared.toSorted()).toEqual(eventIds.filter((id) => id !== eventIds[slow]))
    expect(run).toMatchObject({ state: 'RUNNING', position: eventIds[slow - 1], eventsDone: slow, attempts: 0 })
    expect(done).toEqual([1, 2, 3])
    const stopped = executor.beforeApplicationShutdown()
    await time.until(Promise.all([running, stopped]), MINUTE_MS)
    expect(run).toMatchObject({ state: 'RUNNING', position: eventIds[slow - 1], eventsDone: slow })

    const resumed = worldOf(() => MINUTE_MS, run)
    await resumed.time.until(resumed.executor.runPending(), 60 * MINUTE_MS)
    expect(resumed.compared).toEqual(eventIds.slice(slow))
    expect(resumed.run).toMatchObject({ state: 'SUCCEEDED', eventsDone: EVENTS })
  })
})
