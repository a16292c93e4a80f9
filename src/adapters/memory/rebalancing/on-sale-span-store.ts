import { OnSaleSpanStore, type OnSaleSpan } from '../../../rebalancing/on-sale-span-store.js'
import { endOf, hasEnded } from '../../../domain/events/event-state.js'
import { checkViolation } from '../check-violation.js'
import { spanKey, type MemoryDatabase } from '../memory-database.js'
import { UniqueViolation } from '../memory-table.js'
import { byBytes, byInstant } from '../sorting.js'

export class MemoryOnSaleSpanStore extends OnSaleSpanStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async newest(eventId: string, limit: number): Promise<OnSaleSpan[]> {
    this.database.assertAvailable()
    return this.newestFirst(eventId).slice(0, limit)
  }

  async latest(eventId: string): Promise<OnSaleSpan[]> {
    this.database.assertAvailable()
    const spans = this.newestFirst(eventId)
    return spans.filter((span, index) => spans.findIndex(({ channelId }) => channelId === span.channelId) === index)
  }

  async open(span: OnSaleSpan): Promise<void> {
    this.database.assertAvailable()
    assertOrder(span)
    try {
      await this.database.onSaleSpans.insert(null, span)
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error
    }
  }

  async close(
    { eventId, channelId, openedAt }: Pick<OnSaleSpan, 'eventId' | 'channelId' | 'openedAt'>,
    closedAt: Date,
  ): Promise<void> {
    this.database.assertAvailable()
    await this.database.onSaleSpans.update(
      null,
      spanKey({ eventId, channelId, openedAt }),
      (row) => assertOrder({ ...row, closedAt }),
      (row) => row.closedAt === null,
    )
  }

  async closeStopped(): Promise<void> {
    this.database.assertAvailable()
    const now = this.database.clock.now()
    for (const event of this.database.events.where(null)) {
      const { id, pausedSince, redAlarmSince, closedSince } = event
      const endedAt = hasEnded(event, now) ? endOf(event) : null
      const stops = [pausedSince, redAlarmSince, closedSince, endedAt].filter((instant) => instant !== null)
      if (stops.length === 0) continue
      const stopped = Math.min(...stops.map((instant) => instant.getTime()))
      await this.database.onSaleSpans.updateWhere(
        null,
        ({ closedAt }) => closedAt === null,
        ({ openedAt }) => ({ closedAt: new Date(Math.max(stopped, openedAt.getTime())) }),
        this.database.onSaleSpans.whereKey(null, 'eventId', id),
      )
    }
  }

  private newestFirst(eventId: string): OnSaleSpan[] {
    const byOpening = byInstant<OnSaleSpan>(({ openedAt }) => openedAt)
    return this.database.onSaleSpans
      .whereKey(null, 'eventId', eventId)
      .toSorted((a, b) => byOpening(b, a) || byBytes(a.channelId, b.channelId))
  }
}

/** As a constraint of the table. */
function assertOrder(span: OnSaleSpan): OnSaleSpan {
  const { channelId, openedAt, closedAt } = span
  if (closedAt !== null && closedAt < openedAt)
    throw checkViolation(`a span of ${channelId} would end before it starts`)
  return span
}
