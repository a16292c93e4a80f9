import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { Client } from 'pg'
import { expect } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../../src/infrastructure/queues/queue-names.js'
import type { DriftItemDto, RunWithItemsDto } from '../../src/reconciliation/reconciliation.dto.js'
import { SubscriptionRecords } from '../../src/inbound/subscriptions/subscription-records.js'
import { startTestSystem, until, type Listings, type TestSystem, type TestSystemOptions } from './test-system.js'

/** A system in which only the test causes reads of the platforms: no polls, no sweeps. */
export function startIdleTestSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  const rareReads = { SWEEP_INTERVAL_SECONDS: '3600', MEETUP_POLL_SECONDS: '3600', REBALANCE_INTERVAL_SECONDS: '3600' }
  return startTestSystem({ ...options, env: { ...rareReads, ...options.env } })
}

/** From now on the webhooks of Eventbrite and Luma are lost, or with `lost` false delivered again. */
export function dropWebhooks({ eventbrite, luma }: TestSystem, lost = true): void {
  for (const { knobs } of [eventbrite, luma]) knobs.patch({ webhookLoss: lost ? 1 : 0 })
}

/** Waits until every platform has confirmed its desired state. */
export async function untilInSync(system: TestSystem, eventId: string): Promise<void> {
  await until(async () => {
    const { channels } = await system.stock(eventId)
    for (const { platform, desiredCap, confirmedCap, mode } of channels) {
      if (platform === 'DIRECT') continue
      expect(desiredCap, `${platform} is imported`).not.toBeNull()
      expect({ platform, confirmedCap, mode }).toEqual({ platform, confirmedCap: desiredCap, mode: 'OPEN' })
    }
  })
}

/** Waits until no channel of the event has a pending recount of what it sold before its last shrink. */
export async function untilCounted(system: TestSystem, eventId: string): Promise<void> {
  const { channel } = system.app.app.get(PrismaService)
  const due = { OR: [{ uncountedSince: { not: null } }, { recountAt: { not: null } }] }
  await until(async () => expect(await channel.count({ where: { eventId, ...due } })).toBe(0))
}

/** Creates an event on all three platforms and waits until it is in sync and no read is pending; then drops all webhooks. */
export async function createEventWithoutWebhooks(
  system: TestSystem,
  capacity = 300,
  listings: Listings = system.list(),
  fields: object = {},
): Promise<{ id: string; listings: Listings }> {
  const id = await system.createEvent(capacity, listings, fields)
  await untilInSync(system, id)
  await untilSubscribed(system, id)
  await untilReadsDrained(system)
  dropWebhooks(system)
  return { id, listings }
}

/** Waits until the event's webhook is recorded: by then the read of what it may have missed is queued. */
async function untilSubscribed({ app }: TestSystem, eventId: string): Promise<void> {
  const platform = 'EVENTBRITE'
  const [prisma, records] = [app.app.get(PrismaService), app.app.get(SubscriptionRecords)]
  const listings = await prisma.channel.findMany({ where: { eventId, platform } })
  await until(async () => {
    const events = Object.values(await records.eventsOf(platform))
    expect(events).toEqual(expect.arrayContaining(listings.map(({ externalEventId }) => externalEventId)))
  })
}

/** Waits until no read is queued or running. */
async function untilReadsDrained({ eventbrite, luma, app }: TestSystem): Promise<void> {
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

/** Starts a reconciliation run through the API and waits until it has finished. */
export async function reconcile(
  system: TestSystem,
  request: { eventId?: string; dryRun?: boolean } = {},
  withinMs = 40_000,
): Promise<RunWithItemsDto> {
  const { app, token } = system
  const started = await app.call<{ id: string }>('POST', '/reconciliation/runs', { token, body: request })
  expect(started.status, JSON.stringify(started.body)).toBe(202)
  return until(async () => {
    const { body } = await app.call<RunWithItemsDto>('GET', `/reconciliation/runs/${started.body.id}`, { token })
    expect(body.state).not.toBe('RUNNING')
    return body
  }, withinMs)
}

/** The compared fields of the items, sorted. */
export function summarize(items: readonly DriftItemDto[]) {
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

/** Tickets sold by platform, according to the ledger. */
export async function soldBy(system: TestSystem, eventId: string): Promise<Record<string, number>> {
  const { channels } = await system.stock(eventId)
  return Object.fromEntries(channels.map(({ platform, sold }) => [platform, sold]))
}

/** Row count and checksum of each table, except those of runs, sweep schedules and sessions. */
export async function dumpTables(databaseUrl: string): Promise<Record<string, string>> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const ignored = ['reconciliation_runs', 'reconciliation_items', 'channel_sweeps', 'sessions', '_prisma_migrations']
    const { rows } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    )
    const tables = rows.map(({ name }) => name).filter((name) => !ignored.includes(name))
    const contents: Record<string, string> = {}
    for (const name of tables.toSorted()) {
      const sql = `SELECT COUNT(*) || ' ' || COALESCE(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS all FROM "${name}" t`
      const response = await client.query<{ all: string }>(sql)
      contents[name] = response.rows[0]?.all ?? ''
    }
    return contents
  } finally {
    await client.end()
  }
}
