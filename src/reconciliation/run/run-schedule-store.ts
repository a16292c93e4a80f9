/** When the next nightly run is due, and by which schedule. */
export interface DueRun {
  cron: string
  timezone: string
  /** RFC 3339. */
  at: string
}

/** The due time of the nightly run, one for all processes. Stored, so that a missed run is made up for. */
export abstract class RunScheduleStore {
  /** Null: none is stored. */
  abstract read(): Promise<DueRun | null>

  abstract save(due: DueRun): Promise<void>

  /** Replaces `from` by `to`. False: another value is stored by now, or none, and nothing was changed. */
  abstract advance(from: DueRun, to: DueRun): Promise<boolean>
}
