import type { ListingContents } from '../../platforms/listing-contents.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'

/** A change of a listing that was requested. Times are RFC 3339. */
export type ContentsTask =
  { kind: 'WRITE'; title?: string; startsAt?: string; endsAt?: string } | { kind: 'CANCEL'; reason: string }

/**
 * `MANUAL`: nothing of it can be written by the API. `REFUSED`: by the platform. `FAILED`: given up, or the listing shows
 * something else.
 */
export const TASK_STATES = ['PENDING', 'DONE', 'REFUSED', 'FAILED', 'MANUAL'] as const
export type TaskState = (typeof TASK_STATES)[number]

/** What a listing shows, as last read, and the last change of it that was requested. */
export interface ContentsRecord extends ListingContents {
  channelId: string
  /** Null: it was never read. */
  readAt: Date | null
  readFailure: string | null
  /** Null: as soon as possible. */
  nextReadAt: Date | null
  /** Shared by the listings of one request; null, as the others: no change was requested. */
  requestId: string | null
  task: ContentsTask | null
  taskState: TaskState | null
  taskDetail: string | null
  taskAttempts: number
  taskRequestedAt: Date | null
  /** When it is tried next; null: it has ended. */
  taskDueAt: Date | null
  taskEndedAt: Date | null
}

/** Undefined: unchanged. */
export type ContentsRecordChange = Partial<Omit<ContentsRecord, 'channelId'>>

/** A listing that is reported as changed again and again is read at most this often, ms. */
const MIN_READ_INTERVAL_MS = 10 * 60_000

/** Rows of what listings show. */
export abstract class ContentsStore {
  /** By ascending channel id; channels without one are missing. */
  abstract of(channelIds: readonly string[]): Promise<ContentsRecord[]>

  /** Imported channels of live events whose contents are due to be read, never read ones first. */
  abstract dueReads(now: Date, limit: number): Promise<string[]>

  /** Tasks that are due, the longest waiting first. */
  abstract dueTasks(now: Date, limit: number): Promise<ContentsRecord[]>

  /** Creates the row if there is none. */
  abstract update(
    transaction: DatabaseTransaction | null,
    channelId: string,
    change: ContentsRecordChange,
  ): Promise<void>

  /** Changes the row while this request is its last. False: a later one replaced it. */
  abstract updateTask(channelId: string, requestId: string, change: ContentsRecordChange): Promise<boolean>

  /** A platform reports that these listings changed. */
  async noteChange(channelIds: readonly string[], at: Date): Promise<void> {
    for (const { channelId, readAt, nextReadAt } of await this.of(channelIds)) {
      if (readAt === null || nextReadAt === null) continue
      const due = new Date(Math.max(at.getTime(), readAt.getTime() + MIN_READ_INTERVAL_MS))
      if (due < nextReadAt) await this.update(null, channelId, { nextReadAt: due })
    }
  }
}
