import { isDeepStrictEqual } from 'node:util'
import { RunScheduleStore, type DueRun } from '../../../reconciliation/run/run-schedule-store.js'
import type { MemoryDatabase } from '../memory-database.js'

const KEY = 'reconciliation-due'

export class MemoryRunScheduleStore extends RunScheduleStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async read(): Promise<DueRun | null> {
    this.database.assertAvailable()
    return this.stored()
  }

  async save(due: DueRun): Promise<void> {
    this.database.assertAvailable()
    this.store(due)
  }

  async advance(from: DueRun, to: DueRun): Promise<boolean> {
    this.database.assertAvailable()
    const isUnchanged = isDeepStrictEqual(this.stored(), from)
    if (isUnchanged) this.store(to)
    return isUnchanged
  }

  private stored(): DueRun | null {
    return (this.database.storedValues.get(null, KEY)?.value ?? null) as DueRun | null
  }

  private store(due: DueRun): void {
    const updatedAt = this.database.clock.now()
    this.database.storedValues.upsert(null, { key: KEY, value: { ...due }, updatedAt })
  }
}
