import { Injectable } from '@nestjs/common'
import { allocated, sold, unitsOf, type Balances } from '../domain/ledger-account.js'
import { DIRECT } from '../domain/channel.js'
import { eventState } from '../domain/event-state.js'
import { FailSafeState } from '../system-mode/fail-safe-state.js'
import type { Channel, Event, OnSaleSpan } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/time/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf, WITH_BALANCES } from '../infrastructure/prisma/balance-rows.js'
import { SalesHistory, type ChannelSales } from './sales-history.js'

/** Only the newest spans matter; older sales have decayed. */
const MAX_SPANS = 1_000

interface ObservedChannel {
  channelId: string
  onSale: boolean
  /** When the platform confirmed its current cap and mode, ms; null: never, or DIRECT. */
  confirmedAt: number | null
}

/**
 * When each channel had tickets to sell. Stored, so that it is the same in every process and survives restarts: time
 * without tickets to sell does not indicate weak demand.
 */
@Injectable()
export class OnSaleSpans {
  constructor(
    private readonly prisma: PrismaService,
    private readonly failSafe: FailSafeState,
    private readonly clock: Clock,
    private readonly history: SalesHistory,
  ) {}

  /** Newest first. */
  of(eventId: string): Promise<OnSaleSpan[]> {
    return this.prisma.onSaleSpan.findMany({ where: { eventId }, orderBy: { openedAt: 'desc' }, take: MAX_SPANS })
  }

  /** Records which channels of an event went on or off sale since the last call. */
  async record(eventId: string): Promise<void> {
    const event = await this.prisma.event.findUnique({
      where: { id: eventId },
      include: { channels: true, ledger: WITH_BALANCES },
    })
    if (!event?.ledger || eventState(event, this.clock.now()) !== 'ON_SALE') return
    const observed = observedChannels(event, balancesOf(event.ledger), await this.failSafe.isFailSafe(null))
    const latest = new Map((await this.latest(eventId)).map((span) => [span.channelId, span]))
    const changed = observed.filter(({ channelId, onSale }) => {
      const last = latest.get(channelId)
      return !last || onSale !== (last.closedAt === null)
    })
    if (changed.length === 0) return
    const sales = await this.history.of(eventId)
    const now = this.clock.now().getTime()
    for (const one of changed) {
      const [last, sold] = [latest.get(one.channelId) ?? null, sales.get(one.channelId) ?? null]
      if (one.onSale) await this.open(eventId, one.channelId, openedAt(one, last, sold, now))
      else if (last) await this.close(last, closedAt(one, sold, now))
      // Sold out before it was imported.
      else if (sold) await this.open(eventId, one.channelId, sold.first, sold.last)
    }
  }

  /** Closes spans of events that were paused, closed or stopped by the soft cap: `record` skips such events. */
  async closeStopped(): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE on_sale_spans s
      SET closed_at = GREATEST(s.opened_at, LEAST(e.paused_since, e.red_alarm_since, e.closed_since))
      FROM events e
      WHERE e.id = s.event_id AND s.closed_at IS NULL
        AND COALESCE(e.paused_since, e.red_alarm_since, e.closed_since) IS NOT NULL`
  }

  private latest(eventId: string): Promise<Pick<OnSaleSpan, 'eventId' | 'channelId' | 'openedAt' | 'closedAt'>[]> {
    return this.prisma.$queryRaw`
      SELECT DISTINCT ON (channel_id) event_id AS "eventId", channel_id AS "channelId", opened_at AS "openedAt", closed_at AS "closedAt"
      FROM on_sale_spans WHERE event_id = ${eventId} ORDER BY channel_id, opened_at DESC`
  }

  /** Idempotent: another process may have recorded the same span. */
  private async open(eventId: string, channelId: string, from: number, until: number | null = null): Promise<void> {
    const closedAt = until === null ? null : new Date(until)
    const data = { eventId, channelId, openedAt: new Date(from), closedAt }
    await this.prisma.onSaleSpan.createMany({ data, skipDuplicates: true })
  }

  private async close(span: Pick<OnSaleSpan, 'eventId' | 'channelId' | 'openedAt'>, at: number): Promise<void> {
    const { eventId, channelId, openedAt } = span
    const closedAt = new Date(Math.max(at, openedAt.getTime()))
    await this.prisma.onSaleSpan.updateMany({
      where: { eventId, channelId, openedAt, closedAt: null },
      data: { closedAt },
    })
  }
}

function observedChannels(
  event: Event & { channels: Channel[] },
  balances: Balances,
  failSafe: boolean,
): ObservedChannel[] {
  const listed = event.channels.filter(({ importedAt }) => importedAt)
  const direct = {
    channelId: DIRECT.id,
    onSale: unitsOf(balances, allocated(DIRECT)) > 0 && !failSafe,
    confirmedAt: null,
  }
  return [...listed.map((channel) => observedListing(channel, balances)), ...(event.directWeight > 0 ? [direct] : [])]
}

function observedListing(channel: Channel, balances: Balances): ObservedChannel {
  const { confirmedCap, confirmedMode, pendingTickets, pausedSince, confirmedAt } = channel
  const taken = unitsOf(balances, sold(channel)) + pendingTickets
  const onSale = confirmedMode === 'OPEN' && pausedSince === null && (confirmedCap === null || confirmedCap > taken)
  return { channelId: channel.id, onSale, confirmedAt: confirmedAt?.getTime() ?? null }
}

/** An imported listing has been on sale at least since its first sale. */
function openedAt(
  { confirmedAt }: ObservedChannel,
  last: Pick<OnSaleSpan, 'closedAt'> | null,
  sales: ChannelSales | null,
  now: number,
): number {
  const lastClosedAt = last?.closedAt?.getTime()
  if (lastClosedAt === undefined) return Math.min(sales?.first ?? Infinity, confirmedAt ?? now, now)
  return confirmedAt !== null && confirmedAt > lastClosedAt ? Math.min(confirmedAt, now) : now
}

/** It went off sale with its last sale, or with the confirmation of a lower cap or a closing. */
function closedAt({ confirmedAt }: ObservedChannel, sales: ChannelSales | null, now: number): number {
  return confirmedAt === null ? now : Math.min(now, Math.max(confirmedAt, sales?.last ?? 0))
}
