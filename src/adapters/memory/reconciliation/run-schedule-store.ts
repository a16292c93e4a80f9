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
    await this.store(due)
  }

  async advance(from: DueRun, to: DueRun): Promise<boolean> {
    this.database.assertAvailable()
    const updatedAt = this.database.clock.now()
    return this.database.storedValues.update(null, KEY, { value: { ...to }, updatedAt }, ({ value }) =>
      isDeepStrictEqual(value, from),
    )
  }

  private stored(): DueRun | null {
    return (this.database.storedValues.get(null, KEY)?.value ?? null) as DueRun | null
  }

  private async store(due: DueRun): Promise<void> {
    const updatedAt = this.database.clock.now()
    await this.database.storedValues.upsert(null, { key: KEY, value: { ...due }, updatedAt })
  }
}
