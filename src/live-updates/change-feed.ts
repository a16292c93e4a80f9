import { Injectable } from '@nestjs/common'
import { alertDto } from '../alerts/alerts.dto.js'
import { NotFound } from '../domain/errors.js'
import { namedMove } from '../domain/rebalancing/named-move.js'
import { orderDto } from '../events/history/history.js'
import { StockVersions, type StockVersion } from '../events/stock/stock-versions.js'
import { StockView } from '../events/stock/stock-view.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { ModeFeed } from './mode-feed.js'
import { RowVersions } from './row-versions.js'
import type { StreamEventName, StreamMessage } from './stream-clients.js'

/** Maximum messages of each kind per poll; the page reads the rest. */
const MAX_PER_KIND = 100
const MAX_EVENTS = 1_000
/** Rows are committed some time after their timestamp. */
const OVERLAP_MS = 30_000

/**
 * Changes since the last poll, made by any process: detected by the row version of PostgreSQL (`xmin`), which every update
 * changes and which shows only committed data.
 */
@Injectable()
export class ChangeFeed {
  private stocks = new RowVersions()
  private rows = new RowVersions()
  private primed = false

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly versions: StockVersions,
    private readonly stock: StockView,
    private readonly mode: ModeFeed,
  ) {}

  /** The next poll establishes the baseline: only changes after it are reported. */
  reset(): void {
    this.stocks = new RowVersions()
    this.rows = new RowVersions()
    this.mode.reset()
    this.primed = false
  }

  /** As of the last poll, for clients that connect later. */
  get lastMode(): StreamMessage | null {
    return this.mode.last
  }

  /** Of everything. */
  async changes(): Promise<StreamMessage[]> {
    const now = this.clock.now()
    const since = sinceOf(now)
    const changed = this.stocks.changed(await this.versions.ofLive(MAX_EVENTS))
    const found = [
      // Not a change but the baseline: opening a stream must not take as long as reading the stock of many events.
      ...(this.primed ? await this.stockOf(changed, now) : []),
      ...(await this.orderChanges(since)),
      ...(await this.alertChanges(since)),
      ...(await this.moveChanges(since)),
    ]
    const mode = await this.mode.changes(changed.length > 0)
    const hasBaseline = this.primed
    this.primed = true
    return hasBaseline ? [...mode, ...found] : mode
  }

  /** Of these events' stock, and of orders; after `changes`. */
  async changesOf(eventIds: readonly string[]): Promise<StreamMessage[]> {
    const now = this.clock.now()
    const changed = this.stocks.changed(await this.versions.ofAll(eventIds))
    return [...(await this.stockOf(changed, now)), ...(await this.orderChanges(sinceOf(now)))]
  }

  private async stockOf(changed: readonly StockVersion[], asOf: Date): Promise<StreamMessage[]> {
    const shown = changed.slice(0, MAX_PER_KIND)
    const views = await Promise.all(
      shown.map(({ id, version }) => this.stock.jsonAt(id, version, asOf).catch(nullIfNotFound)),
    )
    return views.flatMap((data) => (data === null ? [] : [{ name: 'stock' as const, data }]))
  }

  private async orderChanges(since: Date): Promise<StreamMessage[]> {
    const versions = await this.prisma.$queryRaw<{ id: string; version: string }[]>`/* prepared */
      SELECT id, xmin::text AS version FROM orders WHERE updated_at >= ${since}
      ORDER BY updated_at DESC LIMIT ${MAX_PER_KIND}`
    const ids = this.rows.changed(versions).map(({ id }) => id)
    if (ids.length === 0) return []
    const orders = await this.prisma.order.findMany({ where: { id: { in: ids } }, orderBy: { updatedAt: 'asc' } })
    return orders.map((order) => message('order', { eventId: order.eventId, ...orderDto(order) }))
  }

  private async alertChanges(since: Date): Promise<StreamMessage[]> {
    const versions = await this.prisma.$queryRaw<{ id: string; version: string }[]>`
      SELECT id, concat_ws('.', acknowledged_at, resolved_at) AS version FROM alerts
      WHERE created_at >= ${since} OR acknowledged_at >= ${since} OR resolved_at >= ${since}
      ORDER BY id DESC LIMIT ${MAX_PER_KIND}`
    const ids = this.rows.changed(versions).map(({ id }) => id)
    if (ids.length === 0) return []
    const alerts = await this.prisma.alert.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } })
    return alerts.map((alert) => message('alert', alertDto(alert)))
  }

  private async moveChanges(since: Date): Promise<StreamMessage[]> {
    const moves = await this.prisma.rebalanceMove.findMany({
      where: { plannedAt: { gte: since } },
      orderBy: { id: 'desc' },
      take: MAX_PER_KIND,
    })
    const fresh = this.rows.changed(moves.map((move) => ({ ...move, version: '' }))).toReversed()
    if (fresh.length === 0) return []
    const channels = await this.prisma.channel.findMany({
      where: { eventId: { in: fresh.map(({ eventId }) => eventId) } },
    })
    return fresh.map(({ version: _, ...data }) => message('rebalance', { ...data, ...namedMove(data, channels) }))
  }
}

function message(name: StreamEventName, data: object): StreamMessage {
  return { name, data: JSON.stringify(data) }
}

function sinceOf(now: Date): Date {
  return new Date(now.getTime() - OVERLAP_MS)
}

/** An event may be deleted between two reads. */
function nullIfNotFound(error: unknown): null {
  if (error instanceof NotFound) return null
  throw error
}
