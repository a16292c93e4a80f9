import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { capacityOf, soldTotal } from '../domain/account.js'
import { floorShare } from '../domain/ratio.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { spanEvent, traced } from '../infrastructure/tracing/spans.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { Ledger } from '../inventory/ledger.js'
import { StockEvents } from '../inventory/stock-events.js'
import { ChannelJobs } from './channel-jobs.js'
import { DesiredState } from './desired-state.js'

/**
 * The red alarm: once sold and held reach the soft cap, every platform goes to waitlist only, and stays there until
 * an operator reopens. It latches; what is cancelled meanwhile is not put back on sale.
 */
@Injectable()
export class SoftCap {
  private readonly logger = new Logger(SoftCap.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly ledger: Ledger,
    private readonly desired: DesiredState,
    private readonly alerts: AlertService,
    private readonly channels: ChannelJobs,
    private readonly stockEvents: StockEvents,
  ) {}

  start(): void {
    this.stockEvents.onChanged(async ({ eventId }) => {
      if (await this.isReached(eventId)) await this.check(eventId)
    })
  }

  /** Every open event; for changes that this process was not told of. */
  async checkAll(): Promise<void> {
    const events = await this.prisma.event.findMany({
      where: { closedSince: null, redAlarmSince: null },
      select: { id: true },
    })
    for (const { id } of events) if (await this.isReached(id)) await this.check(id)
  }

  /** A look without the event's lock, so that sales far from the soft cap cost next to nothing. */
  private async isReached(eventId: string): Promise<boolean> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, include: { balance: true } })
    if (!event?.balance || event.redAlarmSince) return false
    const balances = balancesOf(event.balance)
    return isPassed(soldTotal(balances) + balances.HELD, floorShare(event.softCapRatio, capacityOf(balances)))
  }

  async check(eventId: string): Promise<void> {
    return traced('check soft cap', { attributes: { 'traffic_police.event_id': eventId } }, () => this.latch(eventId))
  }

  private async latch(eventId: string): Promise<void> {
    const alarm = await this.ledger.exclusive(eventId, async (book) => {
      const event = await book.tx.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
      const taken = soldTotal(book.balances) + book.balances.HELD
      const threshold = floorShare(event.softCapRatio, capacityOf(book.balances))
      if (event.redAlarmSince || event.closedSince || !isPassed(taken, threshold)) return null
      const alarmed = { ...event, redAlarmSince: new Date() }
      await book.tx.event.update({ where: { id: eventId }, data: { redAlarmSince: alarmed.redAlarmSince } })
      await this.desired.replan(book, alarmed, event.channels, true)
      return { name: event.name, taken, threshold, capacity: capacityOf(book.balances) }
    })
    if (!alarm) return
    this.logger.warn({ eventId, ...alarm }, 'red alarm')
    spanEvent('red alarm', { 'traffic_police.taken': alarm.taken, 'traffic_police.threshold': alarm.threshold })
    this.channels.hurry(eventId)
    const { name, taken, capacity } = alarm
    const detail = `${name}: ${taken} of ${capacity} are sold or held. All platforms go to waitlist only; the rest is sold by hand. Reopen when more shall be sold there.`
    await this.alerts.raise({ kind: 'RED_ALARM', eventId, detail })
  }
}

/** Of the smallest evenings the threshold is 0; with nothing sold there is no alarm. */
function isPassed(taken: number, threshold: number): boolean {
  return taken > 0 && taken >= threshold
}
