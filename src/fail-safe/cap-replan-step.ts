import { Injectable, Logger } from '@nestjs/common'
import { DesiredState } from '../channels/desired-state.js'
import { DIRECT } from '../domain/channel.js'
import { allocated, capacityOf, sold, unitsOf, type Balances } from '../domain/ledger-account.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Stock } from '../inventory/stock.js'
import { runEach } from '../infrastructure/run-each.js'
import { Clock } from '../infrastructure/time/clock.js'
import { SoftCap } from '../channels/soft-cap.js'
import { openEvents } from '../infrastructure/prisma/live-events.js'
import { prismaOf } from '../infrastructure/prisma/transaction.js'

const MAX_CONCURRENT = 4
/** Per event: its row may be locked. */
const REPLAN_TIMEOUT_MS = 3_000

/**
 * Sets desired caps that fit the sales recorded since the outage: the previous ones if they still fit, otherwise a new
 * split. Sets none where the soft cap was passed.
 */
@Injectable()
export class CapReplanStep {
  private readonly logger = new Logger('FailSafe')

  constructor(
    private readonly prisma: PrismaService,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly softCap: SoftCap,
    private readonly clock: Clock,
  ) {}

  /** A failing event does not block the others: its channels stay closed until a later sweep has read them. */
  async replanAll(): Promise<void> {
    const events = await this.prisma.event.findMany({
      where: { ...openEvents(this.clock.now()), channels: { some: {} } },
      select: { id: true },
    })
    await runEach(events, {
      concurrency: MAX_CONCURRENT,
      deadlineMs: REPLAN_TIMEOUT_MS,
      work: ({ id }) => this.replanEvent(id),
      onFailure: async ({ id }, error) => {
        this.logger.error({ err: error, eventId: id }, 'failed to replan caps after the outage; the event stays closed')
        const needsSweepSince = this.clock.now()
        await this.prisma.channel.updateMany({ where: { eventId: id }, data: { needsSweepSince } })
      },
    })
  }

  private async replanEvent(eventId: string): Promise<void> {
    await this.softCap.check(eventId)
    await this.stock.transact(eventId, async (tx) => {
      const event = await prismaOf(tx).event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
      await this.desired.replan(tx, event, event.channels, fitsCapacity(tx.balances, event.channels))
    })
  }
}

function fitsCapacity(balances: Balances, channels: readonly Channel[]): boolean {
  if (channels.some(({ desiredCap }) => desiredCap === null)) return false
  const desired = channels.reduce((sum, channel) => {
    return sum + Math.max(channel.desiredCap ?? 0, unitsOf(balances, sold(channel)))
  }, 0)
  const direct = unitsOf(balances, sold(DIRECT)) + unitsOf(balances, allocated(DIRECT))
  return desired + direct + balances.SAFETY + balances.HELD <= capacityOf(balances)
}
