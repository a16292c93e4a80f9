import { Injectable, Logger } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { isDatabaseOutage } from '../infrastructure/prisma/outage.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { RebuildCause } from '../inventory/rebuild.js'
import { CapCheck } from './cap-check.js'
import { GateCheck } from './gate-check.js'
import { OrderCheck, unreadable, type CheckOptions } from './order-check.js'
import { RunLimits } from './run-limits.js'
import { Stopped, withDeadline } from './run-deadline.js'

/** Compares one event: its channels side by side (each platform has a budget of its own), then its stock gate. */
@Injectable()
export class EventCheck {
  private readonly logger = new Logger(EventCheck.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly orders: OrderCheck,
    private readonly caps: CapCheck,
    private readonly gate: GateCheck,
    private readonly limits: RunLimits,
  ) {}

  /** @throws Stopped, and what shows that the database is away. */
  async check(eventId: string, cause: RebuildCause, options: CheckOptions): Promise<void> {
    const channels = await this.prisma.channel.findMany({ where: { eventId, detachedAt: null } })
    const ends = await Promise.allSettled(channels.map((channel) => this.channel(channel, options)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    await this.contained(
      () =>
        withDeadline(this.limits.channelMs, options.signal, (signal) =>
          this.gate.check(eventId, cause, { ...options, signal }),
        ),
      async (why) => {
        const about = { eventId, channel: null, kind: 'UNREADABLE', externalOrderId: null } as const
        await options.sink([{ ...about, ledger: null, platform: null, corrected: false, detail: `The gate: ${why}` }])
      },
    )
  }

  private async channel(channel: Channel, options: CheckOptions): Promise<void> {
    if (!channel.importedAt) {
      const why = channel.syncError ?? 'its first reading is not done'
      await options.sink([unreadable(channel, `${channel.platform} has not been taken over yet: ${why}.`)])
      return
    }
    await this.contained(
      () =>
        withDeadline(this.limits.channelMs, options.signal, async (signal) => {
          await this.orders.check(channel, { ...options, signal })
          await this.caps.check(channel.id, { ...options, signal })
        }),
      (why) => options.sink([unreadable(channel, `${channel.platform as Platform} could not be compared: ${why}`)]),
    )
  }

  /** One channel that fails does not keep the others from being compared. */
  private async contained(work: () => Promise<unknown>, failed: (why: string) => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof Stopped || isDatabaseOutage(error)) throw error
      this.logger.error({ err: error }, 'a comparison failed')
      await failed(error instanceof Error ? error.message : String(error))
    }
  }
}
