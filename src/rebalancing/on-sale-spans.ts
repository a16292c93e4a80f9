import { Injectable } from '@nestjs/common'
import { allocated, sold, unitsOf, type Balances } from '../domain/stock/ledger-account.js'
import { DIRECT } from '../domain/channel.js'
import { eventState } from '../domain/events/event-state.js'
import { FailSafeState } from '../system-mode/fail-safe-state.js'
import type { Channel } from '../domain/channel-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventStore, type EventSnapshot } from '../stock/event-store.js'
import { OnSaleSpanStore, type OnSaleSpan } from './on-sale-span-store.js'
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
    private readonly events: EventStore,
    private readonly spans: OnSaleSpanStore,
    private readonly failSafe: FailSafeState,
    private readonly clock: Clock,
    private readonly history: SalesHistory,
  ) {}

  /** Newest first. */
  of(eventId: string): Promise<OnSaleSpan[]> {
    return this.spans.newest(eventId, MAX_SPANS)
  }

  /** Records which channels of an event went on or off sale since the last call. Returns the event as it was read. */
  async record(eventId: string): Promise<EventSnapshot | null> {
    const event = await this.events.snapshot(eventId)
    if (event && eventState(event, this.clock.now()) === 'ON_SALE') await this.recordChanged(event)
    return event
  }

  private async recordChanged(event: EventSnapshot): Promise<void> {
    const eventId = event.id
    const observed = observedChannels(event, await this.failSafe.isFailSafe(null))
    const latest = new Map((await this.spans.latest(eventId)).map((span) => [span.channelId, span]))
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
    await this.spans.closeStopped()
  }

  /** Idempotent: another process may have recorded the same span. */
  private async open(eventId: string, channelId: string, from: number, until: number | null = null): Promise<void> {
    const closedAt = until === null ? null : new Date(until)
    await this.spans.open({ eventId, channelId, openedAt: new Date(from), closedAt })
  }

  private async close(span: OnSaleSpan, at: number): Promise<void> {
    await this.spans.close(span, new Date(Math.max(at, span.openedAt.getTime())))
  }
}

function observedChannels({ balances, ...event }: EventSnapshot, failSafe: boolean): ObservedChannel[] {
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
