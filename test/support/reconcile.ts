import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { Client } from 'pg'
import { expect } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../../src/infrastructure/queues/queue-names.js'
import type { DriftItemDto, RunWithItemsDto } from '../../src/reconciliation/reconciliation.dto.js'
import { SubscriptionRecords } from '../../src/webhooks/subscription-records.js'
import { startTestSystem, until, type Listings, type TestSystem, type TestSystemOptions } from './test-system.js'

/** A system in which only what a test asks for reads the platforms: no polls, no sweeps. */
export function startIdleTestSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  const quiet = { SWEEP_INTERVAL_SECONDS: '3600', MEETUP_POLL_SECONDS: '3600', REBALANCE_INTERVAL_SECONDS: '3600' }
  return startTestSystem({ ...options, env: { ...quiet, ...options.env } })
}

/** Deliveries of Eventbrite and Luma are lost from now on, or no more. */
export function loseHooks({ eventbrite, luma }: TestSystem, lost = true): void {
  for (const { knobs } of [eventbrite, luma]) knobs.patch({ webhookLoss: lost ? 1 : 0 })
}

/** Waits until every platform confirms what is wanted of it. */
export async function inStep(system: TestSystem, eventId: string): Promise<void> {
  await until(async () => {
    const { channels } = await system.stock(eventId)
    for (const { platform, desiredCap, confirmedCap, mode } of channels) {
      if (platform === 'DIRECT') continue
      expect(desiredCap, `${platform} is imported`).not.toBeNull()
      expect({ platform, confirmedCap, mode }).toEqual({ platform, confirmedCap: desiredCap, mode: 'OPEN' })
    }
  })
}

/** Waits until no reading is due that has to count what an event's platforms had sold before their last shrink. */
export async function counted(system: TestSystem, eventId: string): Promise<void> {
  const { channel } = system.app.app.get(PrismaService)
  const due = { OR: [{ uncountedSince: { not: null } }, { recountAt: { not: null } }] }
  await until(async () => expect(await channel.count({ where: { eventId, ...due } })).toBe(0))
}

/** An event on all three platforms, driven by the service; deliveries are lost from then on. */
export async function quietEvent(
  system: TestSystem,
  capacity = 300,
  listings: Listings = system.list(),
  fields: object = {},
): Promise<{ id: string; listings: Listings }> {
  const id = await system.createEvent(capacity, listings, fields)
  await inStep(system, id)
  await subscribed(system, id)
  await quietReads(system)
  loseHooks(system)
  return { id, listings }
}

/** Waits until the event's own webhook is on record: by then the read of what it may have missed is queued. */
async function subscribed({ app }: TestSystem, eventId: string): Promise<void> {
  const platform = 'EVENTBRITE'
  const [prisma, records] = [app.app.get(PrismaService), app.app.get(SubscriptionRecords)]
  const listings = await prisma.channel.findMany({ where: { eventId, platform } })
  await until(async () => {
    const events = Object.values(await records.eventsOf(platform))
    expect(events).toEqual(expect.arrayContaining(listings.map(({ externalEventId }) => externalEventId)))
  })
}

/** Waits until no read is queued or under way. */
async function quietReads({ eventbrite, luma, app }: TestSystem): Promise<void> {
  await Promise.all([eventbrite.drain(3_000), luma.drain(3_000)])
  await until(async () => {
    for (const name of [QUEUES.deliveries, QUEUES.reads]) {
      const counts = await app.app
        .get<Queue>(getQueueToken(name))
        .getJobCounts('wait', 'active', 'delayed', 'prioritized')
      expect(counts).toEqual({ wait: 0, active: 0, delayed: 0, prioritized: 0 })
    }
  })
}

/** Starts a run by the API and waits for its end. */
export async function reconcile(
  system: TestSystem,
  wish: { eventId?: string; dryRun?: boolean } = {},
  withinMs = 40_000,
): Promise<RunWithItemsDto> {
  const { app, token } = system
  const started = await app.call<{ id: string }>('POST', '/reconciliation/runs', { token, body: wish })
  expect(started.status, JSON.stringify(started.body)).toBe(202)
  return until(async () => {
    const { body } = await app.call<RunWithItemsDto>('GET', `/reconciliation/runs/${started.body.id}`, { token })
    expect(body.state).not.toBe('RUNNING')
    return body
  }, withinMs)
}

/** What counts of items, in a fixed order. */
export function brief(items: readonly DriftItemDto[]) {
  return items
    .map(({ channel, kind, externalOrderId, ledger, platform, corrected }) => ({
      channel,
      kind,
      ...(externalOrderId === undefined ? {} : { externalOrderId }),
      ledger,
      platform,
      corrected,
    }))
    .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
}

/** Tickets sold as the ledger has them, by platform. */
export async function soldBy(system: TestSystem, eventId: string): Promise<Record<string, number>> {
  const { channels } = await system.stock(eventId)
  return Object.fromEntries(channels.map(({ platform, sold }) => [platform, sold]))
}

/** All rows of all tables but those that keep the runs themselves, and the clock's plans, as text by table. */
export async function everything(databaseUrl: string): Promise<Record<string, string>> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const own = ['reconciliation_runs', 'reconciliation_items', 'channel_sweeps', 'sessions', '_prisma_migrations']
    const { rows } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    )
    const tables = rows.map(({ name }) => name).filter((name) => !own.includes(name))
    const contents: Record<string, string> = {}
    for (const name of tables.toSorted()) {
      const sql = `SELECT COUNT(*) || ' ' || COALESCE(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS all FROM "${name}" t`
      const answer = await client.query<{ all: string }>(sql)
      contents[name] = answer.rows[0]?.all ?? ''
    }
    return contents
  } finally {
    await client.end()
  }
}
