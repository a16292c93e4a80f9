import { Injectable } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Platform } from '../domain/channel.js'
import { Prisma } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { Drift, DriftValue } from './drift.js'

/** Stores the drift that runs find and raises alerts for what remains uncorrected (I13). */
@Injectable()
export class DriftLog {
  private readonly driftItems

  constructor(
    private readonly prisma: PrismaService,
    private readonly alerts: AlertService,
    metrics: Metrics,
  ) {
    const labels = ['channel', 'kind', 'corrected'] as const
    this.driftItems = metrics.counter('drift_items_total', 'Differences found by reconciliation', labels)
  }

  async add(runId: string, drifts: readonly Drift[], dryRun: boolean): Promise<void> {
    if (drifts.length === 0) return
    const rows = drifts.map(({ ledger, platform, ...drift }) => ({
      ...drift,
      id: newId('dft'),
      runId,
      ledger: toJson(ledger),
      platform: toJson(platform),
    }))
    await this.prisma.reconciliationItem.createMany({ data: rows })
    if (dryRun) return
    for (const { channel, kind, corrected } of drifts) {
      this.driftItems.inc({ channel: channel ?? 'GATE', kind, corrected: String(corrected) })
    }
  }

  /** Raises an alert for each channel of the event with drift that this run left uncorrected. */
  async alertOpen(runId: string, eventId: string): Promise<void> {
    const open = await this.prisma.reconciliationItem.groupBy({
      by: ['channel', 'kind'],
      where: { runId, eventId, corrected: false },
      _count: true,
    })
    for (const channel of new Set(open.map((group) => group.channel))) {
      const kinds = open.filter((group) => group.channel === channel).map(({ kind, _count }) => `${_count} ${kind}`)
      const detail = `${channel ?? 'The stock gate'} still differs from the ledger after reconciliation: ${kinds.join(', ')}. See run ${runId}.`
      const platform = channel === null ? {} : { platform: channel as Platform }
      await this.alerts.raise({ kind: 'DRIFT', eventId, ...platform, about: 'reconciliation', detail })
    }
  }

  /** Deletes uncorrected items of an interrupted comparison: the next one finds them again. */
  async deleteOpen(runId: string, afterEventId: string | null): Promise<void> {
    const rest = afterEventId === null ? {} : { eventId: { gt: afterEventId } }
    await this.prisma.reconciliationItem.deleteMany({ where: { runId, corrected: false, ...rest } })
  }
}

function toJson(value: DriftValue): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value ?? Prisma.DbNull
}
