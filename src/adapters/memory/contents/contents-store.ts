import {
  ContentsStore,
  type ContentsRecord,
  type ContentsRecordChange,
} from '../../../channels/contents/contents-store.js'
import { isLive } from '../../../domain/events/event-state.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { attachedChannels } from '../attached-channels.js'
import type { MemoryDatabase } from '../memory-database.js'
import { definedValues } from '../defined-values.js'

export class MemoryContentsStore extends ContentsStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async of(channelIds: readonly string[]): Promise<ContentsRecord[]> {
    this.database.assertAvailable()
    const ids = new Set(channelIds)
    const rows = this.database.listingContents.where(null, ({ channelId }) => ids.has(channelId))
    return rows.toSorted((a, b) => compare(a.channelId, b.channelId))
  }

  async dueReads(now: Date, limit: number): Promise<string[]> {
    this.database.assertAvailable()
    const channels = attachedChannels(this.database, null, (event) => isLive(event, now))
    const due = channels
      .filter(({ importedAt }) => importedAt !== null)
      .map(({ id }) => ({ id, contents: this.database.listingContents.get(null, id) }))
      .filter(({ contents }) => contents === undefined || contents.nextReadAt === null || contents.nextReadAt <= now)
    const readAt = ({ contents }: (typeof due)[number]) => contents?.readAt?.getTime() ?? -Infinity
    return due
      .toSorted((a, b) => compare(readAt(a), readAt(b)) || compare(a.id, b.id))
      .slice(0, limit)
      .map(({ id }) => id)
  }

  async dueTasks(now: Date, limit: number): Promise<ContentsRecord[]> {
    this.database.assertAvailable()
    const due = this.database.listingContents.where(null, ({ taskState, taskDueAt }) => {
      return taskState === 'PENDING' && taskDueAt !== null && taskDueAt <= now
    })
    const dueAt = ({ taskDueAt }: ContentsRecord) => taskDueAt?.getTime() ?? 0
    return due.toSorted((a, b) => compare(dueAt(a), dueAt(b)) || compare(a.channelId, b.channelId)).slice(0, limit)
  }

  async update(
    transaction: DatabaseTransaction | null,
    channelId: string,
    change: ContentsRecordChange,
  ): Promise<void> {
    this.database.assertAvailable()
    const given = definedValues(change)
    await this.database.listingContents.upsert(transaction, { ...EMPTY, channelId, ...given }, given)
  }

  async updateTask(channelId: string, requestId: string, change: ContentsRecordChange): Promise<boolean> {
    this.database.assertAvailable()
    const isLast = (row: ContentsRecord) => row.requestId === requestId
    return this.database.listingContents.update(null, channelId, definedValues(change), isLast)
  }
}

function compare<T>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b)
}

const EMPTY: Omit<ContentsRecord, 'channelId'> = {
  title: null,
  startsAt: null,
  endsAt: null,
  timezone: null,
  venue: null,
  readAt: null,
  readFailure: null,
  nextReadAt: null,
  requestId: null,
  task: null,
  taskState: null,
  taskDetail: null,
  taskAttempts: 0,
  taskRequestedAt: null,
  taskDueAt: null,
  taskEndedAt: null,
}
