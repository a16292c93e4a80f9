import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { LoopFailures } from '../alerts/loop-failures.js'
import { DIRECT, type ChannelName } from '../domain/channel.js'
import { beyondCapacity, oversoldParts, isCoverable, oversoldBy, type OversoldPart } from '../domain/stock/oversold.js'
import type { Channel } from '../domain/channel-record.js'
import { BackgroundTasks } from '../infrastructure/background/background-tasks.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { EventStore } from '../stock/event-store.js'
import { LedgerStore, type RecordedMovement } from '../stock/ledger-store.js'
import { OnStockChanged } from '../stock/on-stock-changed.js'
import { OrderStore, orderKey } from '../orders/order-store.js'
import { OrderIngest } from '../orders/order-ingest.js'
import type { StockChanged } from '../stock/stock-events.js'
import { Platforms } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import type { CallContext } from '../platforms/port.js'
import { listingOf } from '../channels/channel-import.js'
import { ChannelStore } from '../channels/channel-store.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { movedToWaitlistMail } from './moved-to-waitlist-mail.js'
import { AllocationReclaim } from './allocation-reclaim.js'

const TASK = 'oversold check'
const INTERVAL_MS = 10_000
const CONTEXT: CallContext = { lane: 'protect' }
const REASON = 'We sold out; you are first in line.'
/** Orders voided per channel and round. */
const MAX_ORDERS_PER_ROUND = 100
/** Time for other channels to release unsold units that cover an excess, ms: no alert before then. */
const COVER_TIMEOUT_MS = 30_000
const MAX_LISTED = 10
const CONCURRENCY = 4
/** Each order takes up to two calls to a platform. */
const DEADLINE_MS = 30_000
const BACKOFF = { initialMs: 5_000, maxMs: 60_000 }

/**
 * Handles tickets sold beyond the available units. Unsold units of other channels are reclaimed to cover them; what
 * cannot be covered, or is not covered in time, raises an alert. What exceeds the capacity is voided where the platform
 * supports it: on Luma the newest guests are moved to the waitlist, until exactly the excess is gone.
 */
@Injectable()
export class Oversold {
  private readonly logger = new Logger(Oversold.name)
  private readonly rounds: ItemRounds

  constructor(
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly ledger: LedgerStore,
    private readonly orders: OrderStore,
    private readonly locks: Locks,
    private readonly platforms: Platforms,
    private readonly orderIngest: OrderIngest,
    private readonly alerts: AlertService,
    private readonly outbox: MailOutbox,
    private readonly reclaim: AllocationReclaim,
    private readonly jobs: ChannelJobs,
    private readonly loopFailures: LoopFailures,
    private readonly clock: Clock,
    private readonly background: BackgroundTasks,
    timers: Timers,
  ) {
    this.rounds = new ItemRounds({
      concurrency: CONCURRENCY,
      deadlineMs: DEADLINE_MS,
      backoff: BACKOFF,
      work: (eventId) => this.resolveEvent(eventId),
      onFailure: (eventId, error, consecutive) =>
        this.loopFailures.record('oversold check', eventId, error, consecutive),
      clock,
      timers,
    })
  }

  @OnStockChanged()
  checkChanged({ orders }: StockChanged): void {
    if (orders.some(({ oversold }) => oversold > 0)) this.background.wake(TASK)
  }

  @Periodic({ name: TASK, every: INTERVAL_MS })
  async resolveAll(): Promise<void> {
    await this.rounds.round(await this.events.ids({ scope: 'live', now: this.clock.now(), oversold: true }))
  }

  private async resolveEvent(eventId: string): Promise<void> {
    if (await this.reclaim.lowerCaps(eventId)) this.jobs.wake(eventId)
    const channels = await this.channels.matching(null, { eventId })
    await this.alert(eventId, channels)
    for (const channel of channels.filter(({ detachedAt }) => detachedAt === null)) {
      if (!this.platforms.of(channel).canVoid) continue
      await this.locks.tryWith(`oversold:${channel.id}`, () => this.voidExcess(channel))
    }
  }

  /** One alert per platform: at once if nothing can cover the excess, else once the time to cover it is over. */
  private async alert(eventId: string, channels: readonly Channel[]): Promise<void> {
    const { balances } = await this.ledger.read(eventId)
    const coverable = isCoverable(balances)
    const overdueBefore = this.clock.now().getTime() - COVER_TIMEOUT_MS
    const parts = oversoldParts(await this.ledger.oversoldMovements(eventId))
    const platforms = new Map<string, ChannelName>(channels.map(({ id, platform }) => [id, platform]))
    const platformOf = (part: OversoldPart) => platforms.get(part.channelId) ?? DIRECT.id
    for (const platform of new Set(parts.map(platformOf))) {
      const own = parts.filter((part) => platformOf(part) === platform)
      const due = coverable ? own.filter(({ movement }) => movement.recordedAt.getTime() < overdueBefore) : own
      if (due.length > 0) await this.raise(eventId, platform, due)
    }
  }

  /** An alert that was acknowledged is not raised again for the same sales. */
  private async raise(
    eventId: string,
    platform: ChannelName,
    parts: readonly OversoldPart<RecordedMovement>[],
  ): Promise<void> {
    const newest = Math.max(...parts.map(({ movement }) => movement.recordedAt.getTime()))
    const kind = 'OVERSOLD'
    if (await this.alerts.wasRaisedSince({ kind, eventId, platform }, new Date(newest))) return
    const count = parts.reduce((sum, { quantity }) => sum + quantity, 0)
    const orders = [...new Set(parts.flatMap(({ movement }) => orderOf(movement.operationId, eventId) ?? []))]
    const list = orders.length > 0 ? ` (${orders.slice(-MAX_LISTED).join(', ')})` : ''
    const detail = `${count} ticket(s) sold on ${platform} exceed the stock${list}.${manualAction(platform)}`
    await this.alerts.raise({ kind, eventId, platform, about: 'excess', detail })
  }

  /** One order at a time, with a fresh count each time: a webhook or a guest may have changed the excess. */
  private async voidExcess(channel: Channel): Promise<void> {
    const tried: string[] = []
    while (tried.length < MAX_ORDERS_PER_ROUND) {
      const excess = await this.excessOf(channel)
      if (excess <= 0) return
      const newest = await this.orders.newestPlaced(channel.id, { maxQuantity: excess, except: tried })
      if (newest === null) return
      tried.push(newest)
      // Until the cancellation is in the ledger the excess is unchanged: no other guest may be moved for it.
      if (!(await this.voidOrder(channel, newest))) return
    }
  }

  /** False: the order may have been voided without a record of it. It is retried first. */
  private async voidOrder(channel: Channel, orderId: string): Promise<boolean> {
    const adapter = this.platforms.of(channel)
    const listing = listingOf(channel)
    const result = await adapter.voidOrder(listing, orderId, REASON, CONTEXT)
    const details = { eventId: channel.eventId, platform: channel.platform, orderId, outcome: result.kind }
    this.logger.warn(details, 'requested the void of an oversold order')
    if (result.kind === 'REJECTED') return true
    if (result.kind !== 'OK') return false
    const read = await adapter.getOrder(listing, orderId, CONTEXT)
    if (read.kind !== 'OK' || !read.value || read.value.tickets.some(({ live }) => live)) return false
    await this.orderIngest.ingest(channel, [read.value])
    await this.notifyBuyer(channel, orderId)
    return true
  }

  private async notifyBuyer({ id: channelId, eventId }: Channel, externalOrderId: string): Promise<void> {
    const { orders } = await this.orders.readOrders(null, eventId, [{ channelId, externalOrderId }])
    const order = orders.get(orderKey(channelId, externalOrderId))
    const event = await this.events.find(eventId)
    if (event && order?.buyerEmail)
      await this.outbox.put(null, [movedToWaitlistMail(event, { ...order, buyerEmail: order.buyerEmail })])
  }

  /** Tickets beyond the capacity that this channel sold. */
  private async excessOf({ id, eventId }: Channel): Promise<number> {
    const { balances } = await this.ledger.read(eventId)
    const own = oversoldBy(await this.ledger.oversoldMovements(eventId)).get(id) ?? 0
    return Math.min(own, beyondCapacity(balances))
  }
}

/** The platform's order id in an operation id (`event:channel:order:r<revision>:<delta>`); null: not of an order. */
function orderOf(operationId: string, eventId: string): string | null {
  const prefix = `${eventId}:`
  if (!operationId.startsWith(prefix)) return null
  return /^[^:]+:(.+):r\d+:-?\d+/.exec(operationId.slice(prefix.length))?.[1] ?? null
}

function manualAction(channel: ChannelName): string {
  return channel === 'DIRECT' ? '' : ` If the capacity is exceeded too: ${traitsOf(channel).oversoldInstructions}`
}
