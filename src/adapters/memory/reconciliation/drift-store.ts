import type { Platform } from '../../../domain/channel.js'
import {
  DriftStore,
  type DriftItem,
  type OpenDrift,
  type ReportedDrift,
} from '../../../reconciliation/drift/drift-store.js'
import type { DriftKind, DriftValue } from '../../../reconciliation/drift/drift.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'

export class MemoryDriftStore extends DriftStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add(items: readonly Omit<DriftItem, 'createdAt'>[]): Promise<void> {
    this.database.assertAvailable()
    const createdAt = this.database.clock.now()
    for (const item of items) await this.database.reconciliationItems.insert(null, { ...item, createdAt })
  }

  async ofRun(runId: string, limit: number): Promise<DriftItem[]> {
    return this.matching('runId', runId).slice(0, limit)
  }

  async countOfRun(runId: string): Promise<number> {
    return this.matching('runId', runId).length
  }

  async newestOf(eventId: string, before: string | undefined, limit: number): Promise<DriftItem[]> {
    const isOlder = ({ id }: DriftItem) => before === undefined || id < before
    const items = this.matching('eventId', eventId, (item) => isOlder(item) && !this.isOfDryRun(item))
    return items.toReversed().slice(0, limit)
  }

  async countOpen(runId: string, eventId: string): Promise<OpenDrift[]> {
    const open = this.matching('runId', runId, (item) => item.eventId === eventId && !item.corrected)
    const groups = new Map<string, OpenDrift>()
    for (const { channel, kind } of open) {
      const key = `${channel} ${kind}`
      groups.set(key, { channel, kind, count: (groups.get(key)?.count ?? 0) + 1 })
    }
    return [...groups.values()]
  }

  async settled<T extends ReportedDrift>(reported: readonly T[]): Promise<T[]> {
    this.database.assertAvailable()
    const succeeded = this.database.reconciliationRuns.where(
      null,
      ({ state, dryRun }) => state === 'SUCCEEDED' && !dryRun,
    )
    const open = this.database.reconciliationItems.where(null, ({ corrected }) => !corrected)
    return reported.filter(({ eventId, channel, since }) => {
      const places = open.filter((item) => item.eventId === eventId && item.channel === channel)
      return succeeded.some(
        (run) =>
          run.startedAt > since &&
          (run.eventId === null || run.eventId === eventId) &&
          !places.some(({ runId }) => runId === run.id),
      )
    })
  }

  async deleteOpen(runId: string, afterEventId: string | null): Promise<void> {
    this.database.assertAvailable()
    await this.database.reconciliationItems.deleteWhere(
      null,
      (item) => item.runId === runId && !item.corrected && (afterEventId === null || item.eventId > afterEventId),
    )
  }

  async lastReported(
    { eventId, channel, kind }: { eventId: string; channel: Platform; kind: DriftKind },
    orderIds: readonly string[],
  ): Promise<Map<string, DriftValue>> {
    const items = this.matching(
      'eventId',
      eventId,
      (item) =>
        item.channel === channel &&
        item.kind === kind &&
        item.externalOrderId !== null &&
        orderIds.includes(item.externalOrderId) &&
        !this.isOfDryRun(item),
    )
    return new Map(items.map((item) => [item.externalOrderId ?? '', item.platform]))
  }

  /** By ascending id. */
  private matching(column: 'runId' | 'eventId', id: string, matches?: (item: DriftItem) => boolean): DriftItem[] {
    this.database.assertAvailable()
    return this.database.reconciliationItems.whereKey(null, column, id, matches).toSorted(byId)
  }

  private isOfDryRun({ runId }: DriftItem): boolean {
    return this.database.reconciliationRuns.get(null, runId)?.dryRun !== false
  }
}
