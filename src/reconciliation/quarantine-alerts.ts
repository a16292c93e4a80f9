import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Platform } from '../domain/channel.js'
import type { QuarantinedRecord } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'

const EVERY_MS = 5_000
/** A detail names so many records; the list has them all. */
const NAMED = 5
/** One look tells of at most so many records. */
const MAX = 1_000
const KEPT_MS = 30 * 86_400_000

/** One alert for each channel that has orders in quarantine. */
@Injectable()
export class QuarantineAlerts implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Quarantine')
  private repeating: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly alerts: AlertService,
  ) {}

  start(): void {
    const failed = (error: unknown) => this.logger.warn({ err: error }, 'quarantined records could not be looked for')
    this.repeating = repeatEvery(EVERY_MS, () => this.turn(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  async turn(): Promise<void> {
    const open = await this.prisma.quarantinedRecord.findMany({
      where: { resolvedAt: null },
      orderBy: { id: 'asc' },
      take: MAX,
    })
    const channels = [...new Set(open.map(({ channelId }) => channelId))]
    for (const channelId of channels) await this.raise(open.filter((record) => record.channelId === channelId))
    const resolvedAt = { lt: new Date(Date.now() - KEPT_MS) }
    await this.prisma.quarantinedRecord.deleteMany({ where: { resolvedAt } })
  }

  private async raise(records: readonly QuarantinedRecord[]): Promise<void> {
    const [first] = records
    if (!first) return
    const { eventId } = first
    const platform = first.platform as Platform
    const named = records.slice(0, NAMED).map(({ externalOrderId, reason }) => {
      return `${externalOrderId === null ? 'a row without an order' : `order ${externalOrderId}`}: ${reason}`
    })
    const more = records.length > NAMED ? `; and ${records.length - NAMED} more` : ''
    const detail = `${platform} shows ${records.length} record(s) that cannot be stored; they are in quarantine, and their tickets are not counted: ${named.join('; ')}${more}. See GET /quarantine.`
    await this.alerts.raise({ kind: 'DRIFT', eventId, platform, about: 'quarantine', detail })
  }
}
