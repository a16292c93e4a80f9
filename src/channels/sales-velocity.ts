import { Injectable } from '@nestjs/common'
import type { ChannelName } from '../domain/channel.js'
import { fromHistory, observed, openedAt, perHour, type VelocityState } from '../domain/velocity.js'
import { Clock } from '../infrastructure/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

interface Memory {
  states: Map<ChannelName, VelocityState>
  /** Orders are looked for from here on (ms), a little earlier each time: rows are seen some time after their instant. */
  since: number
  counted: Map<string, number>
}

const OVERLAP_MS = 30_000
/** Older sales say little about now; bounds what a restarted process reads. */
const HISTORY_MS = 14 * 86_400_000
const MOST_ORDERS = 20_000
const MOST_EVENTS = 500

/** How fast each channel of an event sells, from its order rows: nothing is lost by a restart, nothing is counted twice. */
@Injectable()
export class SalesVelocity {
  private readonly memories = new Map<string, Memory>()

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** Tickets per hour by channel, for those that ever sold. */
  async perHour(eventId: string): Promise<Map<string, number>> {
    const now = this.clock.now().getTime()
    const states = await this.states(eventId)
    return new Map([...states].map(([channel, state]) => [channel, Math.round(perHour(state, now) * 10) / 10]))
  }

  async states(eventId: string): Promise<ReadonlyMap<ChannelName, VelocityState>> {
    const now = this.clock.now().getTime()
    const memory = this.memories.get(eventId)
    const since = memory ? memory.since - OVERLAP_MS : now - HISTORY_MS
    const orders = await this.prisma.order.findMany({
      where: { eventId, seenAt: { gte: new Date(since) } },
      select: { id: true, platform: true, quantity: true, seenAt: true },
      orderBy: { seenAt: 'desc' },
      take: MOST_ORDERS,
    })
    const fresh = orders.filter(({ id }) => !memory?.counted.has(id)).toReversed()
    const states = memory?.states ?? new Map<ChannelName, VelocityState>()
    for (const channel of new Set(fresh.map(({ platform }) => platform))) {
      const sales = fresh
        .filter(({ platform }) => platform === channel)
        .map(({ seenAt, quantity }) => ({ at: seenAt.getTime(), delta: quantity }))
      const known = states.get(channel)
      states.set(channel, known ? sales.reduce((state, sale) => observed(state, sale), known) : fromHistory(sales, now))
    }
    this.remember(eventId, { states, since: now, counted: recent(memory, fresh, now) })
    return states
  }

  /** Whether a channel has anything to sell from now on: time without is no sign of weak demand. */
  sells(eventId: string, channel: ChannelName, sells: boolean): void {
    const memory = this.memories.get(eventId)
    if (!memory) return
    const now = this.clock.now().getTime()
    const state = memory.states.get(channel) ?? openedAt(now, sells)
    if (state.sells !== sells) memory.states.set(channel, observed(state, { at: now, sells }))
  }

  private remember(eventId: string, memory: Memory): void {
    this.memories.delete(eventId)
    this.memories.set(eventId, memory)
    const oldest = this.memories.keys().next()
    if (this.memories.size > MOST_EVENTS && !oldest.done) this.memories.delete(oldest.value)
  }
}

function recent(memory: Memory | undefined, fresh: { id: string; seenAt: Date }[], now: number): Map<string, number> {
  const counted = new Map([...(memory?.counted ?? [])].filter(([, at]) => at >= now - 2 * OVERLAP_MS))
  for (const { id, seenAt } of fresh) counted.set(id, seenAt.getTime())
  return counted
}
