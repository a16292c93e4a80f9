import {
  ContentsStore,
  type ContentsRecord,
  type ContentsRecordChange,
  type ContentsTask,
  type TaskState,
} from '../../../channels/contents/contents-store.js'
import { Prisma, type ListingContents, type PrismaClient } from '../../../generated/prisma/client.js'
import { liveChannels } from '../../../infrastructure/prisma/live-events.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaContentsStore extends ContentsStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async of(channelIds: readonly string[]): Promise<ContentsRecord[]> {
    const rows = await this.prisma.listingContents.findMany({
      where: { channelId: { in: [...channelIds] } },
      orderBy: { channelId: 'asc' },
    })
    return rows.map(recordOf)
  }

  async dueReads(now: Date, limit: number): Promise<string[]> {
    const due = { OR: [{ nextReadAt: null }, { nextReadAt: { lte: now } }] }
    const rows = await this.prisma.channel.findMany({
      where: {
        AND: [liveChannels(now), { importedAt: { not: null } }, { OR: [{ contents: null }, { contents: due }] }],
      },
      orderBy: [{ contents: { readAt: { sort: 'asc', nulls: 'first' } } }, { id: 'asc' }],
      select: { id: true },
      take: limit,
    })
    return rows.map(({ id }) => id)
  }

  async dueTasks(now: Date, limit: number): Promise<ContentsRecord[]> {
    const rows = await this.prisma.listingContents.findMany({
      where: { taskState: 'PENDING', taskDueAt: { lte: now } },
      orderBy: [{ taskDueAt: 'asc' }, { channelId: 'asc' }],
      take: limit,
    })
    return rows.map(recordOf)
  }

  async update(
    transaction: DatabaseTransaction | null,
    channelId: string,
    change: ContentsRecordChange,
  ): Promise<void> {
    const data = dataOf(change)
    const client = transaction === null ? this.prisma : clientOf(transaction)
    await client.listingContents.upsert({ where: { channelId }, create: { channelId, ...data }, update: data })
  }

  async updateTask(channelId: string, requestId: string, change: ContentsRecordChange): Promise<boolean> {
    const { count } = await this.prisma.listingContents.updateMany({
      where: { channelId, requestId },
      data: dataOf(change),
    })
    return count > 0
  }
}

function recordOf({ task, taskState, ...row }: ListingContents): ContentsRecord {
  return { ...row, task: task as ContentsTask | null, taskState: taskState as TaskState | null }
}

function dataOf({ task, ...change }: ContentsRecordChange) {
  return task === undefined ? change : { ...change, task: task === null ? Prisma.DbNull : { ...task } }
}
