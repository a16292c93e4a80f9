import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { LoopFaults } from '../alerts/loop-faults.js'
import type { LedgerAccount } from '../domain/ledger-account.js'
import type { ChannelName, Platform } from '../domain/channel.js'
import type { Movement } from '../domain/posting.js'
import { beyondCapacity, oversoldParts, isCoverable, oversoldBy, type OversoldPart } from '../domain/oversold.js'
import type { Channel } from '../generated/prisma/client.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { liveEvents } from '../inventory/live-events.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { StockEvents } from '../inventory/stock-events.js'
import { Platforms } from '../platforms/platforms.js'
import type { CallContext } from '../platforms/port.js'
import { listingOf } from './channel-import.js'
import { ChannelJobs } from './channel-jobs.js'
import { movedMail } from './events-moved-mail.js'
import { AllocationReclaim } from './allocation-reclaim.js'

const EVERY_MS = 10_000
const CONTEXT: CallContext = { lane: 'protect' }
const REASON = 'We sold out; you are first in line.'
/** Orders moved before other events have their turn. */
const MAX_CONCURRENT = 100
/** Within this time unsold units of other channels are given up for an excess, ms: no alert before then. */
const COVERED_WITHIN_MS = 30_000
const MAX_LISTED = 10
const CONCURRENCY = 4
/** Each order takes up to two calls to a platform. */
const DEADLINE_MS = 30_000
const BACKOFF = { firstMs: 5_000, longestMs: 60_000 }

const BY_HAND: Record<Platform, string> = {
  EVENTBRITE: 'Refund it in the Eventbrite dashboard.',
  MEETUP: 'Take the RSVP off the event on meetup.com.',
  LUMA: 'The newest guests are moved to the waitlist and refunded.',
}

/**
 * Tickets that were not there to be sold. Unsold tickets of other channels are taken back for them; what these cannot
 * cover, or have not covered in time, raises an alert. What exceeds the capacity is undone where the platform lets us:
 * on Luma the newest guests are moved to the waitlist, until exactly the excess is gone.
 */
@Injectable()
export class Oversold implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Oversold.name)
  private repeating: Repeating | null = null
  private readonly rounds = new ItemRounds({
    concurrency: CONCURRENCY,
    deadlineMs: DEADLINE_MS,
    backoff: BACKOFF,
    work: (eventId) => this.undoEvent(eventId),
    onFailure: (eventId, error, times) => this.faults.note('undoing oversold tickets', eventId, error, times),
  })

  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly platforms: Platforms,
    private readonly intake: OrderIntake,
    private readonly alerts: AlertService,
    private readonly stockEvents: StockEvents,
    private readonly outbox: MailOutbox,
    private readonly takeBack: AllocationReclaim,
    private readonly jobs: ChannelJobs,
    private readonly faults: LoopFaults,
  ) {}

  start(): void {
    this.stockEvents.onChanged(({ orders }) => {
      if (orders.some(({ oversold }) => oversold > 0)) this.repeating?.hurry()
    })
    const failed = (error: unknown) =>
      this.logger.warn({ err: error }, 'oversold tickets could not be looked for, it is repeated')
    this.repeating = repeatEvery(EVERY_MS, () => this.undoAll(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  private async undoAll(): Promise<void> {
    const events = await this.prisma.event.findMany({
      where: { AND: [liveEvents(new Date()), { balance: { oversold: { lt: 0 } } }] },
      select: { id: true },
    })
    await this.rounds.round(events.map(({ id }) => id))
  }

  private async undoEvent(eventId: string): Promise<void> {
    if (await this.takeBack.lowerCaps(eventId)) this.jobs.hurry(eventId)
    await this.alert(eventId)
    const channels = await this.prisma.channel.findMany({ where: { eventId, detachedAt: null } })
    for (const channel of channels) {
      if (!this.platforms.get(channel.platform as Platform).canVoid) continue
      await this.locks.tryWith(`oversold:${channel.id}`, () => this.undo(channel))
    }
  }

  /** One alert per channel, at once where nothing can cover the excess, else once covering it has had its chance. */
  private async alert(eventId: string): Promise<void> {
    const balance = await this.prisma.balance.findUnique({ where: { eventId } })
    if (!balance) return
    const coverable = isCoverable(balancesOf(balance))
    const overdue = Date.now() - COVERED_WITHIN_MS
    const debts = oversoldParts(await this.movements(eventId))
    for (const channel of new Set(debts.map((debt) => debt.channel))) {
      const own = debts.filter((debt) => debt.channel === channel)
      const due = coverable ? own.filter(({ movement }) => movement.recordedAt.getTime() < overdue) : own
      if (due.length > 0) await this.raise(eventId, channel, due)
    }
  }

  /** An alert that was acknowledged is not raised again for the same sales. */
  private async raise(eventId: string, platform: ChannelName, debts: readonly OversoldPart<Recorded>[]): Promise<void> {
    const newest = Math.max(...debts.map(({ movement }) => movement.recordedAt.getTime()))
    const raised = { kind: 'OVERSOLD', eventId, platform, createdAt: { gte: new Date(newest) } }
    if ((await this.prisma.alert.count({ where: raised })) > 0) return
    const count = debts.reduce((sum, { quantity }) => sum + quantity, 0)
    const orders = [...new Set(debts.flatMap(({ movement }) => orderOf(movement.operationId, eventId, platform) ?? []))]
    const named = orders.length > 0 ? ` (${orders.slice(-MAX_LISTED).join(', ')})` : ''
    const detail = `${count} ticket(s) sold on ${platform} exceed the stock${named}.${byHand(platform)}`
    await this.alerts.raise({ kind: 'OVERSOLD', eventId, platform, about: 'excess', detail })
  }

  /** One order at a time, looked for anew each time: a webhook or a guest may have changed what is in excess. */
  private async undo(channel: Channel): Promise<void> {
    const tried: string[] = []
    while (tried.length < MAX_CONCURRENT) {
      const excess = await this.excessOf(channel)
      if (excess <= 0) return
      const newest = await this.prisma.order.findFirst({
        where: {
          eventId: channel.eventId,
          platform: channel.platform,
          state: 'PLACED',
          quantity: { lte: excess },
          externalOrderId: { not: null, notIn: tried },
        },
        orderBy: [{ placedAt: { sort: 'desc', nulls: 'last' } }, { id: 'desc' }],
      })
      if (!newest?.externalOrderId) return
      tried.push(newest.externalOrderId)
      // Until the ledger has seen a guest go the excess is what it was: nobody else may be moved for it.
      if (!(await this.undoOrder(channel, newest.externalOrderId))) return
    }
  }

  /** False: the order may have been moved, and that is not on record yet. It is the first one to be tried again. */
  private async undoOrder(channel: Channel, orderId: string): Promise<boolean> {
    const adapter = this.platforms.get(channel.platform as Platform)
    const listing = listingOf(channel)
    const undone = await adapter.voidOrder(listing, orderId, REASON, CONTEXT)
    const details = { eventId: channel.eventId, platform: channel.platform, orderId, outcome: undone.kind }
    this.logger.warn(details, 'oversold order moved to the waitlist of its platform')
    if (undone.kind === 'REJECTED') return true
    if (undone.kind !== 'OK') return false
    const read = await adapter.getOrder(listing, orderId, CONTEXT)
    if (read.kind !== 'OK' || !read.value || read.value.tickets.some(({ live }) => live)) return false
    await this.intake.take(channel, [read.value])
    await this.tell(channel, orderId)
    return true
  }

  private async tell({ eventId, platform }: Channel, externalOrderId: string): Promise<void> {
    const key = { eventId_platform_externalOrderId: { eventId, platform, externalOrderId } }
    const order = await this.prisma.order.findUnique({ where: key, include: { event: true } })
    if (order?.buyerEmail)
      await this.outbox.put(this.prisma, [movedMail(order.event, order.buyerName, order.buyerEmail)])
  }

  /** Of the tickets beyond the capacity, those that this channel sold. */
  private async excessOf({ eventId, platform }: Channel): Promise<number> {
    const balance = await this.prisma.balance.findUnique({ where: { eventId } })
    if (!balance) return 0
    const own = oversoldBy(await this.movements(eventId)).get(platform) ?? 0
    return Math.min(own, beyondCapacity(balancesOf(balance)))
  }

  /** Into and out of OVERSOLD, oldest first. */
  private async movements(eventId: string): Promise<Recorded[]> {
    const rows = await this.prisma.stockMovement.findMany({
      where: { eventId, OR: [{ from: 'OVERSOLD' }, { to: 'OVERSOLD' }] },
      orderBy: { id: 'asc' },
      include: { operation: { select: { recordedAt: true } } },
    })
    return rows.map(({ from, to, quantity, operationId, operation: { recordedAt } }) => {
      return { from: from as LedgerAccount, to: to as LedgerAccount, quantity, operationId, recordedAt }
    })
  }
}

interface Recorded extends Movement {
  operationId: string
  recordedAt: Date
}

/** The platform's id of the order behind an operation (`event:platform:order:r<revision>:<delta>`); null: none is. */
function orderOf(operationId: string, eventId: string, platform: ChannelName): string | null {
  const prefix = `${eventId}:${platform}:`
  return operationId.startsWith(prefix)
    ? (/^(.+):r\d+:-?\d+/.exec(operationId.slice(prefix.length))?.[1] ?? null)
    : null
}

function byHand(channel: ChannelName): string {
  return channel === 'DIRECT' ? '' : ` Where the capacity is exceeded too: ${BY_HAND[channel]}`
}
