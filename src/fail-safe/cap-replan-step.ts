import { Injectable, Logger } from '@nestjs/common'
import { DesiredState } from '../channels/desired-state.js'
import { capacityOf, sold, type Balances } from '../domain/ledger-account.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Stock } from '../inventory/stock.js'
import { runEach } from '../infrastructure/run-each.js'
import { SoftCap } from '../channels/soft-cap.js'
import { openEvents } from '../inventory/live-events.js'

const AT_ONCE = 4
/** For so long one event, whose row may be locked, may have its place. */
const RENEW_WITHIN_MS = 3_000

/**
 * Wants caps again that fit what was sold meanwhile: those wanted before, where they still fit; else a new split; and
 * nothing where the soft cap was passed.
 */
@Injectable()
export class CapReplanStep {
  private readonly logger = new Logger('FailSafe')

  constructor(
    private readonly prisma: PrismaService,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly softCap: SoftCap,
  ) {}

  /** An event that fails holds no other one up: its channels stay closed until a later sweep has read them. */
  async renewAll(): Promise<void> {
    const events = await this.prisma.event.findMany({
      where: { ...openEvents(new Date()), channels: { some: {} } },
      select: { id: true },
    })
    await runEach(events, {
      concurrency: AT_ONCE,
      deadlineMs: RENEW_WITHIN_MS,
      work: ({ id }) => this.renew(id),
      onFailure: async ({ id }, error) => {
        this.logger.error(
          { err: error, eventId: id },
          'caps cannot be planned after the outage, the event stays closed',
        )
        await this.prisma.channel.updateMany({ where: { eventId: id }, data: { needsSweepSince: new Date() } })
      },
    })
  }

  private async renew(eventId: string): Promise<void> {
    await this.softCap.check(eventId)
    await this.stock.transact(eventId, async (tx) => {
      const event = await tx.prisma.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
      await this.desired.replan(tx, event, event.channels, stillFit(tx.balances, event.channels))
    })
  }
}

function stillFit(balances: Balances, channels: readonly Channel[]): boolean {
  if (channels.some(({ desiredCap }) => desiredCap === null)) return false
  const wanted = channels.reduce((sum, { platform, desiredCap }) => {
    return sum + Math.max(desiredCap ?? 0, balances[sold(platform)])
  }, 0)
  const elsewhere = balances.SAFETY + balances.HELD + balances['SOLD:DIRECT'] + balances['ALLOCATED:DIRECT']
  return wanted + elsewhere <= capacityOf(balances)
}
