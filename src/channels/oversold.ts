import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Account } from '../domain/account.js'
import type { ChannelName, Platform } from '../domain/channel.js'
import type { Movement } from '../domain/move.js'
import { beyondCapacity, oversoldBy } from '../domain/oversold.js'
import type { Channel } from '../generated/prisma/client.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { StockEvents } from '../inventory/stock-events.js'
import { Platforms } from '../platforms/platforms.js'
import type { CallContext } from '../platforms/port.js'
import { listingOf } from './adoption.js'
import { ChannelJobs } from './channel-jobs.js'
import { movedMail } from './moved-mail.js'
import { TakeBack } from './take-back.js'

const EVERY_MS = 10_000
const CONTEXT: CallContext = { lane: 'protect' }
const REASON = 'We sold out; you are first in line.'
/** Orders moved before other events have their turn. */
const MOST_AT_ONCE = 100
/** The process that recorded a sale has told of it within this time, ms, if it could. */
const TOLD_WITHIN_MS = 5_000

const BY_HAND: Record<Platform, string> = {
  EVENTBRITE: 'Refund it in the Eventbrite dashboard.',
  MEETUP: 'Take the RSVP off the event on meetup.com.',
  LUMA: 'The newest guests are moved to the waitlist and refunded.',
}

/**
 * Tickets that were not there to be sold: every order that exceeded the stock raises an alert. Unsold tickets of other
 * channels are taken back for them. What then exceeds the capacity is undone where the platform lets us: on Luma the
 * newest guests are moved to the waitlist, until exactly the excess is gone.
 */
@Injectable()
export class Oversold implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Oversold.name)
  private repeating: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly platforms: Platforms,
    private readonly intake: OrderIntake,
    private readonly alerts: AlertService,
    private readonly stockEvents: StockEvents,
    private readonly outbox: MailOutbox,
    private readonly takeBack: TakeBack,
    private readonly jobs: ChannelJobs,
  ) {}

  start(): void {
    this.stockEvents.onChanged(async ({ eventId, orders }) => {
      const over = orders.filter(({ oversold }) => oversold > 0)
      for (const { platform, externalOrderId, oversold } of over) {
        const detail = `${oversold} ticket(s) of ${platform} order ${externalOrderId} exceed the stock.${byHand(platform)}`
        await this.alerts.raise({ kind: 'OVERSOLD', eventId, platform, about: externalOrderId, detail })
      }
      if (over.length > 0) this.repeating?.hurry()
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
      where: { balance: { oversold: { lt: 0 } } },
      include: { channels: true },
    })
    for (const { id, channels } of events) {
      // One event that fails does not keep the others from being looked at.
      await this.undoEvent(id, channels).catch((error: unknown) =>
        this.logger.warn({ err: error, eventId: id }, 'undoing oversold tickets failed, it is repeated'),
      )
    }
  }

  private async undoEvent(eventId: string, channels: readonly Channel[]): Promise<void> {
    if (await this.takeBack.lowerCaps(eventId)) this.jobs.hurry(eventId)
    await this.tellOfUntold(eventId)
    for (const channel of channels) {
      if (!this.platforms.get(channel.platform as Platform).canVoid) continue
      await this.locks.tryWith(`oversold:${channel.id}`, () => this.undo(channel))
    }
  }

  /** A process that ended, or was never to stay, may have left a sale in excess without an alert. */
  private async tellOfUntold(eventId: string): Promise<void> {
    const last = await this.prisma.stockMovement.findFirst({
      where: { eventId, from: 'OVERSOLD' },
      orderBy: { id: 'desc' },
      select: { operation: { select: { recordedAt: true } } },
    })
    if (!last || Date.now() - last.operation.recordedAt.getTime() < TOLD_WITHIN_MS) return
    const since = { gte: last.operation.recordedAt }
    if ((await this.prisma.alert.count({ where: { kind: 'OVERSOLD', eventId, createdAt: since } })) > 0) return
    for (const [platform, count] of oversoldBy(await this.movements(eventId))) {
      const detail = `${count} ticket(s) sold on ${platform} exceed the stock.${byHand(platform)}`
      await this.alerts.raise({ kind: 'OVERSOLD', eventId, platform, about: 'excess', detail })
    }
  }

  /** One order at a time, looked for anew each time: a webhook or a guest may have changed what is in excess. */
  private async undo(channel: Channel): Promise<void> {
    const tried: string[] = []
    while (tried.length < MOST_AT_ONCE) {
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
  private async movements(eventId: string): Promise<Movement[]> {
    const rows = await this.prisma.stockMovement.findMany({
      where: { eventId, OR: [{ from: 'OVERSOLD' }, { to: 'OVERSOLD' }] },
      orderBy: { id: 'asc' },
    })
    return rows.map(({ from, to, quantity }) => ({ from: from as Account, to: to as Account, quantity }))
  }
}

function byHand(channel: ChannelName): string {
  return channel === 'DIRECT' ? '' : ` Where the capacity is exceeded too: ${BY_HAND[channel]}`
}
