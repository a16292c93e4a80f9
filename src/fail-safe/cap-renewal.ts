import { Injectable } from '@nestjs/common'
import { DesiredState } from '../channels/desired-state.js'
import { capacityOf, sold, type Balances } from '../domain/account.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Ledger } from '../inventory/ledger.js'
import { inParallel } from './in-parallel.js'

const AT_ONCE = 4

/** Wants caps again that fit what was sold meanwhile: those wanted before, where they still fit; else a new split. */
@Injectable()
export class CapRenewal {
  constructor(
    private readonly prisma: PrismaService,
    private readonly ledger: Ledger,
    private readonly desired: DesiredState,
  ) {}

  async renewAll(): Promise<void> {
    const events = await this.prisma.event.findMany({
      where: { closedSince: null, channels: { some: {} } },
      select: { id: true },
    })
    await inParallel(events, AT_ONCE, ({ id }) => this.renew(id))
  }

  private async renew(eventId: string): Promise<void> {
    await this.ledger.exclusive(eventId, async (book) => {
      const event = await book.tx.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
      await this.desired.replan(book, event, event.channels, stillFit(book.balances, event.channels))
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
