import type { NextWrite } from '../../domain/caps/next-write.js'
import type { Channel } from '../../domain/channel-record.js'
import { traitsOf } from '../../platforms/registry.js'
import { attachmentOf } from '../attachment.js'

/** What a person is requested to do on a listing without an API: to set this cap there, and to confirm it. */
export interface ListingTask {
  cap: number
  since: Date
  /** It has been requested for longer than a confirmation takes if nothing is wrong. */
  overdue: boolean
}

type TaskColumns = Pick<Channel, 'taskCap' | 'taskSince'> & { platform: string }

/** Null: there is nothing to do. */
export function taskOf({ platform, taskCap: cap, taskSince: since }: TaskColumns, now: Date): ListingTask | null {
  if (cap === null || since === null) return null
  return { cap, since, overdue: now.getTime() - since.getTime() >= traitsOf(platform).confirmMs }
}

/** The person was requested to set this cap already, and has not confirmed any since. */
export function isRequested({ taskCap, unconfirmedMode }: Channel, write: NextWrite): boolean {
  return write.kind === 'WRITE' && unconfirmedMode !== null && write.cap === taskCap
}

/** The person has counted another number than is recorded as sold. */
export function isCountBehind({ platformSold }: Channel, recorded: number): boolean {
  return platformSold !== null && platformSold !== recorded
}

/** Whether `ListingTasks.sync` would change anything. `recorded`: the tickets recorded as sold there. */
export function isTaskDue(channel: Channel, next: NextWrite, recorded: number): boolean {
  if (channel.importedAt === null || isCountBehind(channel, recorded)) return true
  if (next.kind === 'WRITE') return !isRequested(channel, next)
  return channel.taskCap !== null || (next.kind === 'IN_SYNC' && attachmentOf(channel) === 'DETACHING')
}
