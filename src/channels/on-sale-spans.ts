import { Injectable } from '@nestjs/common'
import { allocated, sold, type Balances } from '../domain/ledger-account.js'
import type { ChannelName } from '../domain/channel.js'
import { eventState } from '../domain/event-state.js'
import { isFailSafe } from '../fail-safe/stored-mode.js'
import type { Channel, Event, OnSaleSpan } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { SalesHistory, type ChannelSales } from './sales-history.js'

/** The newest ones count; what is older has faded. */
const MAX_SPANS = 1_000

interface Seen {
  channel: ChannelName
  sells: boolean
  /** When the platform confirmed the cap and the mode that stand there now, ms; null: never, or it needs no word. */
  confirmedAt: number | null
}

/**
 * When each channel had something to sell. Stored, so that it is the same in every process and survives restarts: time
 * without anything to sell is no sign of weak demand.
 */
@Injectable()
export class OnSaleSpans {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly history: SalesHistory,
  ) {}

  /** Newest first. */
  of(eventId: string): Promise<OnSaleSpan[]> {
    return this.prisma.onSaleSpan.findMany({ where: { eventId }, orderBy: { openedAt: 'desc' }, take: MAX_SPANS })
  }

  /** Records which channels of an event have come on sale or gone off it since they were looked at last. */
  async note(eventId: string): Promise<void> {
    const event = await this.prisma.event.findUnique({
      where: { id: eventId },
      include: { channels: true, balance: true },
    })
    if (!event?.balance || eventState(event) !== 'ON_SALE') return
    const seen = channelsOf(event, balancesOf(event.balance), await isFailSafe(this.prisma))
    const latest = new Map((await this.latest(eventId)).map((span) => [span.channel, span]))
    const turned = seen.filter(({ channel, sells }) => {
      const last = latest.get(channel)
      return !last || sells !== (last.closedAt === null)
    })
    if (turned.length === 0) return
    const sales = await this.history.of(eventId)
    const now = this.clock.now().getTime()
    for (const one of turned) {
      const [last, sold] = [latest.get(one.channel) ?? null, sales.get(one.channel) ?? null]
      if (one.sells) await this.open(eventId, one.channel, openingOf(one, last, sold, now))
      else if (last) await this.close(last, closingOf(one, sold, now))
      // Imported when it was sold out already.
      else if (sold) await this.open(eventId, one.channel, sold.first, sold.last)
    }
  }

  /** Ends what was open when its event was paused, closed or stopped by the soft cap: such events are not looked at. */
  async closeStopped(): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE on_sale_spans s
      SET closed_at = GREATEST(s.opened_at, LEAST(e.paused_since, e.red_alarm_since, e.closed_since))
      FROM events e
      WHERE e.id = s.event_id AND s.closed_at IS NULL
        AND COALESCE(e.paused_since, e.red_alarm_since, e.closed_since) IS NOT NULL`
  }

  private latest(eventId: string): Promise<Pick<OnSaleSpan, 'eventId' | 'channel' | 'openedAt' | 'closedAt'>[]> {
    return this.prisma.$queryRaw`
      SELECT DISTINCT ON (channel) event_id AS "eventId", channel, opened_at AS "openedAt", closed_at AS "closedAt"
      FROM on_sale_spans WHERE event_id = ${eventId} ORDER BY channel, opened_at DESC`
  }

  /** Another process may have noted the same: the table takes one. */
  private async open(eventId: string, channel: ChannelName, from: number, until: number | null = null): Promise<void> {
    const closedAt = until === null ? null : new Date(until)
    const data = { eventId, channel, openedAt: new Date(from), closedAt }
    await this.prisma.onSaleSpan.createMany({ data, skipDuplicates: true })
  }

  private async close(span: Pick<OnSaleSpan, 'eventId' | 'channel' | 'openedAt'>, at: number): Promise<void> {
    const { eventId, channel, openedAt } = span
    const closedAt = new Date(Math.max(at, openedAt.getTime()))
    await this.prisma.onSaleSpan.updateMany({
      where: { eventId, channel, openedAt, closedAt: null },
      data: { closedAt },
    })
  }
}

function channelsOf(event: Event & { channels: Channel[] }, balances: Balances, failSafe: boolean): Seen[] {
  const listed = event.channels.filter(({ importedAt }) => importedAt)
  const direct = {
    channel: 'DIRECT' as const,
    sells: balances[allocated('DIRECT')] > 0 && !failSafe,
    confirmedAt: null,
  }
  return [...listed.map((channel) => listingSeen(channel, balances)), ...(event.directWeight > 0 ? [direct] : [])]
}

function listingSeen(channel: Channel, balances: Balances): Seen {
  const { confirmedCap, confirmedMode, pendingTickets, pausedSince, confirmedAt } = channel
  const taken = balances[sold(channel.platform)] + pendingTickets
  const sells = confirmedMode === 'OPEN' && pausedSince === null && (confirmedCap === null || confirmedCap > taken)
  return { channel: channel.platform, sells, confirmedAt: confirmedAt?.getTime() ?? null }
}

/** A listing that is imported has been on sale since its first sale at least. */
function openingOf(
  { confirmedAt }: Seen,
  last: Pick<OnSaleSpan, 'closedAt'> | null,
  sales: ChannelSales | null,
  now: number,
): number {
  const closedAt = last?.closedAt?.getTime()
  if (closedAt === undefined) return Math.min(sales?.first ?? Infinity, confirmedAt ?? now, now)
  return confirmedAt !== null && confirmedAt > closedAt ? Math.min(confirmedAt, now) : now
}

/** It ran out of units with its last sale, or with the smaller cap or the closing that was confirmed. */
function closingOf({ confirmedAt }: Seen, sales: ChannelSales | null, now: number): number {
  return confirmedAt === null ? now : Math.min(now, Math.max(confirmedAt, sales?.last ?? 0))
}
