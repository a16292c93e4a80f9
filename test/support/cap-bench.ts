import { Logger } from '@nestjs/common'
import { AlertService } from '../../src/alerts/alert.service.js'
import { AuditService } from '../../src/accounts/audit.service.js'
import { ChannelImport } from '../../src/channels/channel-import.js'
import { CapSync } from '../../src/channels/cap-sync.js'
import { CapWriteJournal } from '../../src/channels/cap-write-journal.js'
import { channelStateOf } from '../../src/channels/channel-state.js'
import { ChannelPull } from '../../src/channels/channel-pull.js'
import { ChannelReads } from '../../src/channels/channel-reads.js'
import { DesiredState } from '../../src/channels/desired-state.js'
import { ListingReadings } from '../../src/channels/listing-readings.js'
import { SyncFailures } from '../../src/channels/sync-failures.js'
import type { ChannelMode, Lane, Platform } from '../../src/domain/channel.js'
import { exposure } from '../../src/domain/exposure.js'
import type { Channel } from '../../src/domain/records/channel.js'
import { SystemClock, SystemRandom } from '../../src/infrastructure/time/system-time.js'
import type { Config } from '../../src/infrastructure/config/config.js'
import { ServiceState } from '../../src/infrastructure/instances/service-state.js'
import { newId } from '../../src/infrastructure/ids.js'
import { Metrics } from '../../src/infrastructure/metrics/metrics.js'
import { AdvisoryLocks } from '../../src/infrastructure/locks/advisory-locks.js'
import { withPlatform } from '../../src/infrastructure/prisma/channel-rows.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { OrderIngest } from '../../src/inventory/order-ingest.js'
import { Quarantine } from '../../src/inventory/quarantine.js'
import { StockEvents } from '../../src/inventory/stock-events.js'
import { Platforms } from '../../src/platforms/platforms.js'
import type {
  CallContext,
  ChannelReading,
  ConfirmedState,
  Failure,
  Listing,
  ListingObservation,
  OrderPage,
  Outcome,
  PlatformAdapter,
} from '../../src/platforms/port.js'
import { createTestDatabase } from './database.js'
import { sharedRedis } from './redis.js'
import { openStock } from './stock.js'
import { prismaStores } from '../../src/adapters/prisma/stores.js'

type ReadingOverrides = Partial<ChannelReading>

/** An in-memory listing behind the platform port, without delays; a test can override its readings. */
export class FakeListing {
  cap: number | null = null
  sold = 0
  pending = 0
  mode: 'OPEN' | 'WAITLIST_ONLY' = 'OPEN'
  /** The platform reduces larger caps to this one. */
  maxCap = Infinity
  /** Whether the response to a write includes the sold count. */
  reportsCounts = true
  /** False: sales are visible to reads only. */
  hasWebhooks = true
  observed: ListingObservation | null = null
  readingOverrides: ReadingOverrides = {}
  readonly calls: string[] = []
  readonly listings: Listing[] = []
  /** Lanes of the readings. */
  readonly lanes: Lane[] = []
  readonly writeLanes: Lane[] = []
  /** Called before a write is sent; returns a failure to report, or `LOST`: the write is applied, but its response is lost. */
  onWrite: (cap: number, mode: ChannelMode) => Promise<Failure | 'LOST' | null> = () => Promise.resolve(null)
  onRead: () => Failure | null = () => null

  adapter(platform: Platform): PlatformAdapter {
    const hasWebhooks = () => this.hasWebhooks
    const unused = () => Promise.resolve({ kind: 'UNSUPPORTED' as const, reason: 'not in this test' })
    return {
      platform,
      configured: true,
      get hasWebhooks() {
        return hasWebhooks()
      },
      canVoid: false,
      settleMs: 0,
      readChannel: (listing, { lane }) => {
        this.lanes.push(lane)
        return Promise.resolve(this.read(listing))
      },
      writeCap: (listing, cap, context) => this.write(listing, 'OPEN', cap, context, 'writeCap'),
      setMode: (listing, mode, cap, context) => this.write(listing, mode, cap, context, 'setMode'),
      listOrders: () => Promise.resolve(this.page()),
      getOrder: unused,
      voidOrder: unused,
      ensureWebhookSubscription: unused,
      checkAccess: unused,
      authenticate: () => 'FORGED',
      parseDelivery: () => null,
    }
  }

  private read(listing: Listing): Outcome<ChannelReading> {
    this.calls.push('read')
    this.listings.push(listing)
    const failure = this.onRead()
    if (failure) return failure
    const { sold: count, pending, mode } = this
    const cap = this.cap ?? 'UNLIMITED'
    const reading = { cap, capSource: 'read', sold: count, pending, mode, waitlistAvailable: null } as const
    return { kind: 'OK', value: { ...reading, asOf: new Date(), ...this.readingOverrides } }
  }

  private async write(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    { fence, lane }: CallContext,
    call: string,
  ): Promise<Outcome<ConfirmedState>> {
    this.writeLanes.push(lane)
    this.listings.push(listing)
    const fault = await this.onWrite(cap, mode)
    if (fault !== null && fault !== 'LOST') {
      this.calls.push(`${call} ${mode} ${cap} ${fault.kind}`)
      return fault
    }
    if (fence && !(await fence.beforeSend())) return { kind: 'NOT_SENT', reason: 'the write is outdated' }
    this.calls.push(`${call} ${mode} ${cap}`)
    Object.assign(this, { cap: Math.min(cap, this.maxCap), mode })
    if (fault === 'LOST') return { kind: 'UNKNOWN', reason: 'no response' }
    const counted = this.reportsCounts ? { sold: this.sold, pending: this.pending } : { pending: 0 }
    return { kind: 'OK', value: { cap: Math.min(cap, this.maxCap), mode, confirmedAt: new Date(), ...counted } }
  }

  private page(): Outcome<OrderPage> {
    const failure = this.onRead()
    if (failure) return failure
    const { observed } = this
    return { kind: 'OK', value: { snapshots: [], nextCursor: {}, done: true, platformCount: null, observed } }
  }
}

export type CapBench = Awaited<ReturnType<typeof openCapBench>>

/** The cap sync of one process on real servers, with listings that the test controls. */
export async function openCapBench() {
  Logger.overrideLogger(false)
  const database = await createTestDatabase()
  const stock = openStock(database.url, await sharedRedis())
  const config = { databaseUrl: database.url } as Config
  const prisma = new PrismaService(config)
  const stores = prismaStores(prisma)
  const locks = new AdvisoryLocks(config, new ServiceState())
  const listings = { LUMA: new FakeListing(), MEETUP: new FakeListing(), EVENTBRITE: new FakeListing() }
  const platforms = () =>
    new Platforms(Object.entries(listings).map(([platform, listing]) => listing.adapter(platform as Platform)))
  const events = new StockEvents()
  const clock = new SystemClock()
  const alerts = new AlertService(prisma, new AuditService(prisma, clock), clock)
  const desired = new DesiredState(stores.channels, clock)
  const orderIngest = new OrderIngest(
    stores.recounts,
    stock.orders,
    events,
    new Quarantine(stores.quarantine, clock),
    clock,
  )
  const writes = new CapWriteJournal(stock.stock, stores.events, stores.channels, stores.failSafe, clock)
  const readings = new ListingReadings(writes, alerts, events, clock)
  const failures = new SyncFailures(stores.channels, alerts, clock)
  const build = (driven: Platforms, reads: ChannelPull) =>
    new CapSync(
      stores.channels,
      stores.failSafe,
      locks,
      driven,
      new ChannelImport(stores.channels, stores.events, stock.stock, orderIngest, desired, clock),
      writes,
      new ChannelReads(stores.channels, stores.failSafe, readings, reads, failures, clock),
      failures,
      clock,
      new SystemRandom(),
      new Metrics(),
    )
  let pulls = new ChannelPull(stores.channels, locks, platforms(), orderIngest, readings, clock)
  let sync = build(platforms(), pulls)
  return {
    stock,
    prisma,
    stores,
    writes,
    orderIngest,
    listings,
    failures,
    /** Replaces the listings and all in-memory state of the process. */
    reset() {
      for (const platform of ['LUMA', 'MEETUP', 'EVENTBRITE'] as const) listings[platform] = new FakeListing()
      pulls = new ChannelPull(stores.channels, locks, platforms(), orderIngest, readings, clock)
      sync = build(platforms(), pulls)
    },
    sync: (channel: Pick<Channel, 'id'>) => sync.sync(channel.id),
    recheck: (channel: Pick<Channel, 'id'>, noticedAt = new Date()) => sync.recheck(channel.id, noticedAt),
    pull: async (channel: Pick<Channel, 'id'>) =>
      pulls.pull(withPlatform(await prisma.channel.findUniqueOrThrow({ where: { id: channel.id } })), 'changed', {
        lane: 'grow',
      }),
    /** Creates a channel of the event; by default it has just been imported. */
    async channel(eventId: string, platform: Platform, fields: Partial<Channel> = {}): Promise<Channel> {
      const imported = { importedAt: new Date(), desiredMode: 'OPEN', confirmedMode: 'OPEN' } as const
      const { listingCursor: _cursor, typeLimits: _limits, ...rest } = fields
      const id = newId('chn')
      const known = { ...imported, confirmedAt: new Date(0), ...rest }
      return withPlatform(
        await prisma.channel.create({ data: { id, eventId, platform, externalEventId: id, ...known } }),
      )
    },
    /** Creates a channel whose allocation covers its confirmed cap. */
    async coveredChannel(
      eventId: string,
      platform: Platform,
      cap: number,
      fields: Partial<Channel> = {},
    ): Promise<Channel> {
      listings[platform].cap = cap
      const channel = await this.channel(eventId, platform, { confirmedCap: cap, desiredCap: cap, ...fields })
      await writes.follow(eventId)
      return this.row(channel)
    },
    row: async (channel: Pick<Channel, 'id'>) =>
      withPlatform(await prisma.channel.findUniqueOrThrow({ where: { id: channel.id } })),
    setDesired: (channel: Pick<Channel, 'id'>, desired: { desiredCap?: number; desiredMode?: ChannelMode }) =>
      prisma.channel.update({ where: { id: channel.id }, data: { ...desired, desiredVersion: { increment: 1 } } }),
    balances: (eventId: string) => stock.balances(eventId),
    /** The exposure of the channel according to its record. */
    async exposureOf({ id }: Pick<Channel, 'id'>): Promise<number> {
      const channel = await this.row({ id })
      return exposure(channelStateOf(channel, (await stock.ledger.read(channel.eventId)).balances))
    },
    change: ({ id }: Pick<Channel, 'id'>, data: Partial<Omit<Channel, 'listingCursor' | 'typeLimits'>>) =>
      prisma.channel.update({ where: { id }, data }),
    /** Ingests a snapshot of the channel's order with `live` valid tickets; a later `second` is a newer version. */
    async recordOrder(channel: Channel, orderId: string, live: number, second: number): Promise<void> {
      const tickets = Array.from({ length: 20 }, (_, index) => ({
        ticketId: `${orderId}-${index}`,
        live: index < live,
        ticketClassId: null,
      }))
      const version = new Date(Date.UTC(2026, 10, 1, 10, 0, second)).toISOString()
      const order = { orderId, externalEventId: channel.externalEventId, complete: true, buyer: null, placedAt: null }
      await orderIngest.ingest(channel, [{ ...order, version, tickets }])
    },
    soldOf: async (eventId: string, platform: Platform) => (await stock.balances(eventId))[`SOLD:${platform}`] ?? 0,
    async close() {
      await locks.onApplicationShutdown()
      await prisma.$disconnect()
      await stock.close()
      await database.drop()
    },
  }
}
