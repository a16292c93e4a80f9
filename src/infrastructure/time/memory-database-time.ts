import type { Clock } from './clock.js'
import { DatabaseTime } from './database-time.js'

/** The time of a database in memory. */
export class MemoryDatabaseTime extends DatabaseTime {
  /** `clock`: of the database. */
  constructor(private readonly clock: Clock) {
    super()
  }

  override async read(): Promise<Date> {
    return this.clock.now()
  }
}
