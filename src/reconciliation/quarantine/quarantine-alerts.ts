import { Injectable } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { QuarantineStore, type QuarantinedRecord } from '../../orders/quarantine-store.js'

const CHECK_INTERVAL_MS = 5_000
/** Records that one alert names; `GET /quarantine` lists all. */
const MAX_NAMED = 5
/** Records loaded per check. */
const BATCH_SIZE = 1_000
const RETENTION_MS = 30 * 86_400_000

/** Raises one alert per channel with orders in quarantine, and deletes records some time after they are resolved. */
@Injectable()
export class QuarantineAlerts {
  constructor(
    private readonly quarantine: QuarantineStore,
    private readonly alerts: AlertService,
    private readonly clock: Clock,
  ) {}

  @Periodic({ name: 'quarantine check', every: CHECK_INTERVAL_MS })
  async tick(): Promise<void> {
    const open = await this.quarantine.oldestOpen(BATCH_SIZE)
    const channels = [...new Set(open.map(({ channelId }) => channelId))]
    for (const channelId of channels) await this.raise(open.filter((record) => record.channelId === channelId))
    await this.quarantine.deleteResolved(new Date(this.clock.now().getTime() - RETENTION_MS))
  }

  private async raise(records: readonly QuarantinedRecord[]): Promise<void> {
    const [first] = records
    if (!first) return
    const { eventId, platform } = first
    const named = records.slice(0, MAX_NAMED).map(({ externalOrderId, reason }) => {
      return `${externalOrderId === null ? 'a row without an order' : `order ${externalOrderId}`}: ${reason}`
    })
    const more = records.length > MAX_NAMED ? `; and ${records.length - MAX_NAMED} more` : ''
    const detail = `${platform} shows ${records.length} record(s) that cannot be stored. They are in quarantine, and their tickets are not counted: ${named.join('; ')}${more}. See GET /quarantine.`
    await this.alerts.raise({ kind: 'DRIFT', eventId, platform, about: 'quarantine', detail })
  }
}
