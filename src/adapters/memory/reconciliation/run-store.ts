import { isLive } from '../../../domain/events/event-state.js'
import {
  RunStore,
  type NewRun,
  type ReconciliationRun,
  type RunChange,
  type RunScope,
} from '../../../reconciliation/run/run-store.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'

export class MemoryRunStore extends RunStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async create(run: NewRun): Promise<ReconciliationRun> {
    this.database.assertAvailable()
    const progress = { eventsTotal: null, eventsDone: 0, position: null, attempts: 0, reason: null }
    const times = { startedAt: this.database.clock.now(), finishedAt: null }
    const row: ReconciliationRun = { ...run, state: 'RUNNING', ...progress, ...times }
    await this.database.reconciliationRuns.insert(null, row)
    return row
  }

  async find(runId: string): Promise<ReconciliationRun | null> {
    this.database.assertAvailable()
    return this.database.reconciliationRuns.get(null, runId) ?? null
  }

  async running(): Promise<ReconciliationRun | null> {
    this.database.assertAvailable()
    return this.database.reconciliationRuns.where(null, ({ state }) => state === 'RUNNING')[0] ?? null
  }

  async lastNightly(): Promise<ReconciliationRun | null> {
    this.database.assertAvailable()
    const nightly = this.database.reconciliationRuns.where(null, ({ trigger }) => trigger === 'NIGHTLY')
    return nightly.toSorted(byId).at(-1) ?? null
  }

  async newest(before: string | undefined, limit: number): Promise<(ReconciliationRun & { itemCount: number })[]> {
    this.database.assertAvailable()
    const runs = this.database.reconciliationRuns.where(null, ({ id }) => before === undefined || id < before)
    const newest = runs.toSorted(byId).toReversed().slice(0, limit)
    return newest.map((run) => ({ ...run, itemCount: this.countItems(run.id) }))
  }

  async startAttempt(runId: string, eventsTotal: number): Promise<void> {
    await this.change(runId, ({ attempts }) => ({ attempts: attempts + 1, eventsTotal }))
  }

  async update(runId: string, change: RunChange): Promise<void> {
    await this.change(runId, () => change)
  }

  async countEvents(scope: RunScope): Promise<number> {
    return this.events(scope).length
  }

  async nextEvent(scope: RunScope, position: string | null): Promise<string | null> {
    return this.events(scope).find((id) => position === null || id > position) ?? null
  }

  private async change(runId: string, change: (run: ReconciliationRun) => Partial<ReconciliationRun>): Promise<void> {
    this.database.assertAvailable()
    if (!(await this.database.reconciliationRuns.update(null, runId, change)))
      throw new Error(`there is no run ${runId}`)
  }

  private events({ eventId, startedAt }: RunScope): string[] {
    this.database.assertAvailable()
    const events = this.database.events.where(null, (event) =>
      eventId === null ? isLive(event, startedAt) : event.id === eventId,
    )
    return events.toSorted(byId).map(({ id }) => id)
  }

  private countItems(id: string): number {
    return this.database.reconciliationItems.whereKey(null, 'runId', id).length
  }
}
