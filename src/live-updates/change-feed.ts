import { Injectable } from '@nestjs/common'
import { alertDto } from '../alerts/alerts.dto.js'
import { NotFound } from '../domain/errors.js'
import { namedMove } from '../domain/rebalancing/named-move.js'
import { orderDto } from '../events/history/history.js'
import { StockView } from '../events/stock/stock-view.js'
import { FailSafeService } from '../fail-safe/fail-safe.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { RowVersions } from './row-versions.js'
import type { StreamMessage } from './stream-clients.js'
import { LIVE_EVENT } from '../infrastructure/prisma/live-events.js'

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
  private mode: StreamMessage | null = null
  private primed = false

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly stock: StockView,
    private readonly failSafe: FailSafeService,
  ) {}

  /** The next poll establishes the baseline: only changes after it are reported. */
  reset(): void {
    this.stocks = new RowVersions()
    this.rows = new RowVersions()
    this.mode = null
    this.primed = false
  }

  /** As of the last poll, for clients that connect later. */
  get lastMode(): StreamMessage | null {
    return this.mode
  }

  async changes(): Promise<StreamMessage[]> {
    const since = new Date(this.clock.now().getTime() - OVERLAP_MS)
    const found = [
      ...(await this.stockChanges()),
      ...(await this.orderChanges(since)),
      ...(await this.alertChanges(since)),
      ...(await this.moveChanges(since)),
    ]
    const mode = await this.modeChange()
    const hasBaseline = this.primed
    this.primed = true
    return hasBaseline ? [...mode, ...found] : mode
  }

  private async stockChanges(): Promise<StreamMessage[]> {
    const rows = await this.prisma.$queryRaw<{ id: string; version: string }[]>`
      SELECT e.id, concat_ws('.', e.xmin, l.xmin, (
        SELECT string_agg(b.xmin::text, '.' ORDER BY b.account) FROM balances b WHERE b.event_id = e.id
      ), (
        SELECT string_agg(c.xmin::text, '.' ORDER BY c.id) FROM channels c WHERE c.event_id = e.id
      )) AS version
      FROM events e JOIN ledgers l ON l.event_id = e.id
      WHERE ${LIVE_EVENT} OR e.updated_at > now() - interval '1 minute'
      ORDER BY e.id DESC LIMIT ${MAX_EVENTS}`
    const changed = this.stocks.changed(rows).slice(0, MAX_PER_KIND)
    // Not a change but the baseline: opening a stream must not take as long as reading the stock of many events.
    if (!this.primed) return []
    const views = await Promise.all(changed.map(({ id }) => this.stock.of(id).catch(nullIfNotFound)))
    return views.flatMap((data) => (data ? [{ name: 'stock' as const, data }] : []))
  }

  private async orderChanges(since: Date): Promise<StreamMessage[]> {
    const orders = await this.prisma.order.findMany({
      where: { updatedAt: { gte: since } },
      orderBy: { updatedAt: 'desc' },
      take: MAX_PER_KIND,
    })
    const fresh = this.rows.changed(orders.map((order) => ({ ...order, version: order.updatedAt.toISOString() })))
    return fresh.toReversed().map((order) => ({ name: 'order', data: { eventId: order.eventId, ...orderDto(order) } }))
  }

  private async alertChanges(since: Date): Promise<StreamMessage[]> {
    const versions = await this.prisma.$queryRaw<{ id: string; version: string }[]>`
      SELECT id, concat_ws('.', acknowledged_at, resolved_at) AS version FROM alerts
      WHERE created_at >= ${since} OR acknowledged_at >= ${since} OR resolved_at >= ${since}
      ORDER BY id DESC LIMIT ${MAX_PER_KIND}`
    const ids = this.rows.changed(versions).map(({ id }) => id)
    const alerts = await this.prisma.alert.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } })
    return alerts.map((alert) => ({ name: 'alert', data: alertDto(alert) }))
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
    return fresh.map(({ version: _, ...data }) => ({
      name: 'rebalance',
      data: { ...data, ...namedMove(data, channels) },
    }))
  }

  private async modeChange(): Promise<StreamMessage[]> {
    const data = await this.failSafe.status()
    if (JSON.stringify(data) === JSON.stringify(this.mode?.data)) return []
    this.mode = { name: 'mode', data }
    return [this.mode]
  }
}

/** An event may be deleted between two reads. */
function nullIfNotFound(error: unknown): null {
  if (error instanceof NotFound) return null
  throw error
}
