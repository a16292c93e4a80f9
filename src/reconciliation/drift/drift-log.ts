import { Injectable } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import { newId } from '../../infrastructure/ids.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import type { Drift } from './drift.js'
import { DriftStore } from './drift-store.js'

/** Stores the drift that runs find and raises alerts for what remains uncorrected (I13). */
@Injectable()
export class DriftLog {
  private readonly driftItems

  constructor(
    private readonly store: DriftStore,
    private readonly alerts: AlertService,
    metrics: Metrics,
  ) {
    const labels = ['channel', 'kind', 'corrected'] as const
    this.driftItems = metrics.counter('drift_items_total', 'Differences found by reconciliation', labels)
  }

  async add(runId: string, drifts: readonly Drift[], dryRun: boolean): Promise<void> {
    if (drifts.length === 0) return
    await this.store.add(drifts.map((drift) => ({ ...drift, id: newId('dft'), runId })))
    if (dryRun) return
    for (const { channel, kind, corrected } of drifts) {
      this.driftItems.inc({ channel: channel ?? 'GATE', kind, corrected: String(corrected) })
    }
  }

  /** Raises an alert for each channel of the event with drift that this run left uncorrected. */
  async alertOpen(runId: string, eventId: string): Promise<void> {
    const open = await this.store.countOpen(runId, eventId)
    for (const channel of new Set(open.map((group) => group.channel))) {
      const kinds = open.filter((group) => group.channel === channel).map(({ kind, count }) => `${count} ${kind}`)
      const detail = `${channel ?? 'The stock gate'} still differs from the ledger after reconciliation: ${kinds.join(', ')}. See run ${runId}.`
      const platform = channel === null ? {} : { platform: channel }
      await this.alerts.raise({ kind: 'DRIFT', eventId, ...platform, about: 'reconciliation', detail })
    }
  }

  /** Deletes uncorrected items of an interrupted comparison: the next one finds them again. */
  async deleteOpen(runId: string, afterEventId: string | null): Promise<void> {
    await this.store.deleteOpen(runId, afterEventId)
  }
}
