import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { AppModule } from '../../src/bootstrap/app.module.js'
import { prismaStores } from '../../src/adapters/prisma/stores.js'
import { OnSaleSpans } from '../../src/rebalancing/on-sale-spans.js'
import { RebalanceViews } from '../../src/rebalancing/rebalance-view.js'
import { Rebalancer } from '../../src/rebalancing/rebalancer.js'
import { BackgroundTasks } from '../../src/infrastructure/background/background-tasks.js'
import { SalesHistory } from '../../src/rebalancing/sales-history.js'
import { SalesTotals } from '../../src/rebalancing/sales-totals.js'
import { SalesVelocity } from '../../src/rebalancing/sales-velocity.js'
import { allocated } from '../../src/domain/stock/ledger-account.js'
import { DIRECT, type ApiPlatform } from '../../src/domain/channel.js'
import { environmentConnectionId } from '../../src/domain/connection-record.js'
import { UNALLOCATED } from '../../src/domain/rebalancing/rebalance-view.js'
import { newId } from '../../src/infrastructure/ids.js'
import type { Prisma } from '../../src/generated/prisma/client.js'
import { demands } from '../../src/domain/rebalancing/velocity.js'
import { SystemClock } from '../../src/infrastructure/time/system-time.js'
import { withChannels } from '../../src/infrastructure/prisma/channel-rows.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { FailSafeState } from '../../src/system-mode/fail-safe-state.js'
import { Platforms } from '../../src/platforms/platforms.js'
import { startTestApp, type TestApp } from '../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../support/servers/database.js'
import { sharedRedis } from '../support/servers/redis.js'
import { channelIdOf, openStock, type StockBench } from '../support/fixtures/stock.js'
import { until } from '../support/service/test-system.js'

const SECOND = 1_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

let database: TestDatabase
let bench: StockBench
let app: TestApp
beforeAll(async () => {
  database = await createTestDatabase()
  const redisUrl = await sharedRedis()
  bench = openStock(database.url, redisUrl)
  const env = { REBALANCE_INTERVAL_SECONDS: '1' }
  app = await startTestApp({ databaseUrl: database.url, redisUrl, env, root: (config) => AppModule.of(config) })
}, 120_000)
afterAll(async () => {
  await app?.close()
  await bench?.close()
  await database?.drop()
})

const get = <T>(type: abstract new (...args: never[]) => T): T => app.app.get<T>(type, { strict: false })
const ago = (ms: number) => new Date(Date.now() - ms)

/** An event on sale at the given platforms, imported `sinceMs` ago with the given caps. */
async function eventOn(
  caps: Partial<Record<ApiPlatform, number>>,
  sinceMs: number,
  overrides: Partial<Record<ApiPlatform, Partial<Prisma.ChannelUncheckedCreateInput>>> = {},
): Promise<string> {
  const pool = Object.values(caps).reduce((sum, cap) => sum + cap, 0)
  const eventId = await bench.openEvent(pool)
  await bench.prisma.event.update({ where: { id: eventId }, data: { directWeight: 0, softCapRatio: 1 } })
  for (const [platform, cap] of Object.entries(caps) as [ApiPlatform, number][]) {
    const times = { importedAt: ago(sinceMs), confirmedAt: ago(sinceMs), lastPullAt: ago(sinceMs + 200) }
    const known = { desiredCap: cap, confirmedCap: cap, confirmedMode: 'OPEN' as const }
    const id = channelIdOf(eventId, platform)
    const connectionId = environmentConnectionId(platform)
    await bench.prisma.channel.create({
      data: { id, eventId, platform, connectionId, externalEventId: id, ...known, ...times, ...overrides[platform] },
    })
    await bench.post(eventId, { quantity: cap, sources: ['UNALLOCATED'], destination: allocated({ id }) })
  }
  return eventId
}

interface Sale {
  placedAt?: Date | null
  version?: Date
}

let orders = 0
async function sell(eventId: string, platform: ApiPlatform, sales: readonly Sale[]): Promise<void> {
  const observed = sales.map(({ placedAt = null, version = new Date() }) => {
    const orderId = `order${++orders}`
    const tickets = [{ ticketId: `${orderId}-1`, live: true, ticketClassId: null }]
    const snapshot = {
      orderId,
      externalEventId: 'x',
      version: version.toISOString(),
      tickets,
      complete: true,
      buyer: null,
    }
    return {
      channelId: channelIdOf(eventId, platform),
      platform,
      ticketClassId: null,
      snapshot: { ...snapshot, placedAt },
    }
  })
  await bench.orders.apply(eventId, observed)
}
const evenly = (count: number, overMs: number): Sale[] =>
  Array.from({ length: count }, (_, index) => ({ placedAt: ago((overMs * (index + 0.5)) / count) }))
const lastPullAt = (eventId: string, platform: ApiPlatform, at: Date) =>
  bench.prisma.channel.updateMany({ where: { eventId, platform }, data: { lastPullAt: at } })
const movesFrom = async (eventId: string, donor: ApiPlatform) => {
  const result = await get(Rebalancer).rebalance(eventId, false)
  return (result?.moves ?? []).filter(({ from }) => from === donor).reduce((sum, { quantity }) => sum + quantity, 0)
}

describe('Rebalancer.rebalance', () => {
  const opened = (sinceMs: number) => {
    const webhookSeen = { lastWebhookAt: new Date() }
    return eventOn({ MEETUP: 90, EVENTBRITE: 90, LUMA: 90 }, sinceMs, { EVENTBRITE: webhookSeen, LUMA: webhookSeen })
  }

  it('takes no units from a channel that was not read since it opened, however fast the others sell', async () => {
    const eventId = await opened(5 * SECOND)
    await sell(eventId, 'EVENTBRITE', evenly(9, 5 * SECOND))
    await sell(eventId, 'LUMA', evenly(9, 5 * SECOND))
    expect(await movesFrom(eventId, 'MEETUP')).toBe(0)
  })

  it('takes units from a channel once a read has shown no sales there', async () => {
    const eventId = await opened(120 * SECOND)
    await sell(eventId, 'EVENTBRITE', evenly(85, 120 * SECOND))
    await sell(eventId, 'LUMA', evenly(85, 120 * SECOND))
    expect(await movesFrom(eventId, 'MEETUP')).toBe(0)
    await lastPullAt(eventId, 'MEETUP', new Date())
    expect(await movesFrom(eventId, 'MEETUP')).toBeGreaterThan(40)
  })

  it('discards a plan that is outdated when it is applied', async () => {
    const eventId = await opened(120 * SECOND)
    await lastPullAt(eventId, 'MEETUP', new Date())
    await sell(eventId, 'LUMA', evenly(85, 120 * SECOND))
    const views = get(RebalanceViews)
    const original = views.of.bind(views)
    // Between the plan and its application another user lowers the desired cap of the donor.
    const spy = vi.spyOn(views, 'of').mockImplementation(async (id) => {
      const view = await original(id)
      await bench.prisma.channel.updateMany({ where: { eventId, platform: 'MEETUP' }, data: { desiredCap: 10 } })
      return view
    })
    try {
      const result = await get(Rebalancer).rebalance(eventId, false)
      expect(result?.moves.length).toBeGreaterThan(0)
      expect(result?.applied).toBe(false)
    } finally {
      spy.mockRestore()
    }
    const caps = await bench.prisma.channel.findMany({
      where: { eventId },
      select: { platform: true, desiredCap: true },
    })
    expect(caps.find(({ platform }) => platform === 'MEETUP')?.desiredCap).toBe(10)
    expect(caps.find(({ platform }) => platform === 'LUMA')?.desiredCap).toBe(90)
    expect(await bench.prisma.rebalanceMove.count({ where: { eventId } })).toBe(0)
  })
})

describe('RebalanceViews.of', () => {
  it('counts units that went through the reserve as received, once a channel has released some', async () => {
    const eventId = await eventOn({ EVENTBRITE: 9, LUMA: 9 }, HOUR)
    const [eventbrite, luma] = [channelIdOf(eventId, 'EVENTBRITE'), channelIdOf(eventId, 'LUMA')]
    const planned = [
      [UNALLOCATED, luma, 50],
      [eventbrite, DIRECT.id, 40],
      [UNALLOCATED, eventbrite, 30],
    ] as const
    await bench.prisma.rebalanceMove.createMany({
      data: planned.map(([from, to, seconds]) => {
        return { id: newId('mov'), eventId, from, to, quantity: 2, reason: 'test', plannedAt: ago(seconds * SECOND) }
      }),
    })
    const seen = await get(RebalanceViews).of(eventId)
    const viewOf = (id: string) => seen?.view.channels.find((channel) => channel.id === id)
    expect(viewOf(luma)).toMatchObject({ msSinceDonated: null, msSinceReceived: null })
    const { msSinceDonated, msSinceReceived } = viewOf(eventbrite) ?? {}
    expect(msSinceDonated).toBeGreaterThanOrEqual(40 * SECOND)
    expect(msSinceReceived).toBeGreaterThanOrEqual(30 * SECOND)
    expect(msSinceReceived).toBeLessThan(40 * SECOND)
  })
})

describe('SalesVelocity', () => {
  const perHour = async (eventId: string, platform: ApiPlatform) => {
    await get(OnSaleSpans).record(eventId)
    return (await get(SalesVelocity).perHour(eventId)).get(channelIdOf(eventId, platform))
  }

  it('depends on the time of the sales, not on the time of their import', async () => {
    const eventId = await eventOn({ LUMA: 300 }, 0)
    await sell(eventId, 'LUMA', evenly(200, 14 * DAY))
    await lastPullAt(eventId, 'LUMA', new Date())
    expect(await perHour(eventId, 'LUMA')).toBeLessThan(1)
    expect(await perHour(eventId, 'LUMA')).toBeGreaterThan(0.4)
  })

  it('uses the version of an RSVP as its time if it has no other, and the time of the read if it has neither', async () => {
    const dated = await eventOn({ MEETUP: 300 }, 0)
    const times = evenly(30, 10 * HOUR).map(({ placedAt }) => ({ version: placedAt ?? new Date() }))
    await sell(dated, 'MEETUP', times)
    await lastPullAt(dated, 'MEETUP', new Date())
    expect(await perHour(dated, 'MEETUP')).toBeCloseTo(3, 0)
    const undated = await eventOn({ MEETUP: 300 }, 10 * HOUR)
    await sell(
      undated,
      'MEETUP',
      times.map(() => ({ version: new Date(0) })),
    )
    await lastPullAt(undated, 'MEETUP', new Date())
    expect(await perHour(undated, 'MEETUP')).toBeGreaterThan(30)
  })

  it('is the same in a process that starts later', async () => {
    const eventId = await eventOn({ LUMA: 90, EVENTBRITE: 90 }, 3 * DAY)
    await get(OnSaleSpans).record(eventId)
    await sell(eventId, 'LUMA', evenly(10, 3 * DAY))
    await sell(eventId, 'EVENTBRITE', [{ placedAt: ago(10 * SECOND) }])
    for (const platform of ['LUMA', 'EVENTBRITE'] as const) await lastPullAt(eventId, platform, new Date())
    const prisma = get(PrismaService)
    const event = withChannels(
      await prisma.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } }),
    )
    const demandIn = async (process: SalesVelocity) => demands(await process.known(event), Date.now())
    const before = await demandIn(get(SalesVelocity))
    const { events, channels, onSaleSpans, salesTotals } = prismaStores(prisma)
    const [clock, history] = [new SystemClock(), new SalesHistory(salesTotals, new SystemClock())]
    const restarted = new SalesVelocity(
      events,
      channels,
      history,
      new OnSaleSpans(events, onSaleSpans, get(FailSafeState), clock, history),
      get(Platforms),
      clock,
    )
    const after = await demandIn(restarted)
    for (const platform of ['LUMA', 'EVENTBRITE'] as const) {
      const [first, second] = [
        before.get(channelIdOf(eventId, platform))?.perHour ?? 0,
        after.get(channelIdOf(eventId, platform))?.perHour ?? 0,
      ]
      expect(first).toBeGreaterThan(0)
      expect(Math.abs(second / first - 1)).toBeLessThan(0.05)
    }
    // On sale for three days: a single sale just now does not mean a high velocity.
    expect((await restarted.perHour(eventId)).get(channelIdOf(eventId, 'EVENTBRITE'))).toBeLessThan(1)
  })

  it('counts each sale once under repeated and concurrent reads', async () => {
    const eventId = await eventOn({ LUMA: 90 }, HOUR)
    const history = new SalesHistory(get(SalesTotals), new SystemClock())
    const tickets = async () =>
      (await history.of(eventId)).get(channelIdOf(eventId, 'LUMA'))?.tickets.layers.at(-1) ?? 0
    await sell(eventId, 'LUMA', evenly(20, HOUR))
    await bench.prisma.order.updateMany({ where: { eventId }, data: { seenAt: ago(60 * SECOND) } })
    await Promise.all([tickets(), tickets(), tickets()])
    await sell(eventId, 'LUMA', evenly(5, 10 * SECOND))
    await Promise.all([tickets(), tickets(), tickets()])
    expect(await tickets()).toBeGreaterThan(24.9)
    expect(await tickets()).toBeLessThanOrEqual(25)
  })

  it('follows the weights for a channel that was neither sold on nor read', async () => {
    const eventId = await eventOn({ MEETUP: 90, LUMA: 90 }, 20 * SECOND, { LUMA: { lastWebhookAt: new Date() } })
    await sell(eventId, 'LUMA', evenly(20, 20 * SECOND))
    const seen = await get(RebalanceViews).of(eventId)
    const velocity = (name: string) =>
      seen?.view.channels.find(({ platform }) => platform === name)?.velocityPerHour ?? 0
    expect(velocity('MEETUP') / velocity('LUMA')).toBeGreaterThan(0.5)
  })
})

describe('The on-sale spans of a channel', () => {
  const spans = async (eventId: string) => {
    const rows = await bench.prisma.onSaleSpan.findMany({ where: { eventId }, orderBy: { openedAt: 'asc' } })
    return rows.map(({ openedAt, closedAt }) => ({ openedAt, closedAt }))
  }
  const record = (eventId: string) => get(OnSaleSpans).record(eventId)
  const update = (eventId: string, data: Prisma.ChannelUpdateManyMutationInput) =>
    bench.prisma.channel.updateMany({ where: { eventId }, data })

  it('are recorded with the times of the underlying changes', async () => {
    const eventId = await eventOn({ LUMA: 2 }, HOUR)
    await Promise.all([record(eventId), record(eventId)])
    const [first] = await spans(eventId)
    expect(Date.now() - (first?.openedAt.getTime() ?? 0)).toBeGreaterThanOrEqual(HOUR)
    const lastSale = ago(30 * SECOND)
    await sell(eventId, 'LUMA', [{ placedAt: ago(60 * SECOND) }, { placedAt: lastSale }])
    await record(eventId)
    expect((await spans(eventId)).map(({ closedAt }) => closedAt)).toEqual([lastSale])
    const raised = ago(2 * SECOND)
    await update(eventId, { confirmedCap: 5, confirmedAt: raised })
    await record(eventId)
    expect((await spans(eventId)).map(({ closedAt }) => closedAt)).toEqual([lastSale, null])
    expect((await spans(eventId))[1]?.openedAt).toEqual(raised)
  })

  it('end when the event is paused, and start again when the platform has reopened', async () => {
    const eventId = await eventOn({ LUMA: 20 }, HOUR)
    await record(eventId)
    const pausedSince = ago(10 * SECOND)
    await bench.prisma.event.update({ where: { id: eventId }, data: { pausedSince } })
    await get(OnSaleSpans).closeStopped()
    expect((await spans(eventId)).map(({ closedAt }) => closedAt)).toEqual([pausedSince])
    await bench.prisma.event.update({ where: { id: eventId }, data: { pausedSince: null } })
    await update(eventId, { confirmedMode: 'WAITLIST_ONLY', confirmedAt: ago(9 * SECOND) })
    await record(eventId)
    expect(await spans(eventId)).toHaveLength(1)
    await update(eventId, { confirmedMode: 'OPEN', confirmedAt: ago(SECOND) })
    await record(eventId)
    expect((await spans(eventId)).map(({ closedAt }) => closedAt)).toEqual([pausedSince, null])
  })

  it('cover the sales of a listing that was sold out before its import', async () => {
    const eventId = await eventOn({ LUMA: 3 }, 0)
    const sales = [DAY, DAY / 2, DAY / 4].map((ms) => ago(ms))
    await sell(
      eventId,
      'LUMA',
      sales.map((placedAt) => ({ placedAt })),
    )
    await record(eventId)
    expect(await spans(eventId)).toEqual([{ openedAt: sales[0], closedAt: sales[2] }])
  })
})

describe('The rebalancing loop', () => {
  it('rebalances other events while one event is locked', async () => {
    const blocked = await eventOn({ MEETUP: 90, LUMA: 90 }, 120 * SECOND)
    const other = await eventOn({ MEETUP: 90, LUMA: 90 }, 120 * SECOND, { LUMA: { lastWebhookAt: new Date() } })
    await sell(other, 'LUMA', evenly(85, 120 * SECOND))
    await lastPullAt(other, 'MEETUP', new Date())
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    const holding = bench.prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM ledgers WHERE event_id = ${blocked} FOR UPDATE`
        await released
      },
      { timeout: 60_000 },
    )
    try {
      await bench.prisma.event.updateMany({
        where: { id: { notIn: [blocked, other] } },
        data: { closedSince: new Date() },
      })
      get(BackgroundTasks).start(Rebalancer)
      await until(async () =>
        expect(await bench.prisma.rebalanceMove.count({ where: { eventId: other } })).toBeGreaterThan(0),
      )
    } finally {
      release()
      await holding
      await get(BackgroundTasks).beforeApplicationShutdown()
    }
  }, 60_000)
})
