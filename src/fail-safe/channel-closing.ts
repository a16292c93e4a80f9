import { Injectable, Logger } from '@nestjs/common'
import { CapSync } from '../channels/cap-sync.js'
import { permitted, standingOf } from '../channels/channel-standing.js'
import { nextWrite } from '../domain/next-write.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { inParallel } from './in-parallel.js'

const AT_ONCE = 8
const RETRY_MS = 1_000

/**
 * Brings every channel of every event on sale to "waitlist only", without Redis: the platforms' adapters are called
 * from here, each channel again and again until its platform has confirmed it.
 */
@Injectable()
export class ChannelClosing {
  private readonly logger = new Logger('FailSafe')
  /** Before this instant (ms) a try would be in vain. */
  private readonly notBefore = new Map<string, number>()

  constructor(
    private readonly prisma: PrismaService,
    private readonly capSync: CapSync,
  ) {}

  /** Tries every channel that is not known to be closed and whose turn it is. Answers how many there were. */
  async round(): Promise<number> {
    const left = await this.notClosed()
    const due = left.filter((id) => (this.notBefore.get(id) ?? 0) <= Date.now())
    await inParallel(due, AT_ONCE, (id) => this.close(id))
    for (const id of this.notBefore.keys()) if (!left.includes(id)) this.notBefore.delete(id)
    return left.length
  }

  private async close(channelId: string): Promise<void> {
    try {
      const result = await this.capSync.sync(channelId)
      if (result.done) this.notBefore.delete(channelId)
      else this.notBefore.set(channelId, result.again.getTime())
    } catch (error) {
      this.notBefore.set(channelId, Date.now() + RETRY_MS)
      this.logger.warn({ err: error, channelId }, 'a channel could not be closed, it is tried again')
    }
  }

  private async notClosed(): Promise<string[]> {
    const events = await this.prisma.event.findMany({
      where: { closedSince: null, channels: { some: {} } },
      include: { channels: true, balance: true },
    })
    return events.flatMap(({ channels, balance }) => {
      if (!balance) return []
      const balances = balancesOf(balance)
      return channels
        .filter((channel) => {
          const next = nextWrite(permitted(standingOf(channel, balances), true), 0)
          return next.kind !== 'IN_STEP' || channel.unsettledCap !== null
        })
        .map(({ id }) => id)
    })
  }
}
