import { Injectable } from '@nestjs/common'
import { taskOf } from '../channels/tasks/listing-task.js'
import { ModeStore } from '../system-mode/mode-store.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'
import { ChannelHealth } from './channel-health.js'
import { closingCause } from './closing-cause.js'

/** A person has not confirmed a cap on a listing without an API for too long. Closings have an alert of their own (`NotClosed`). */
@Injectable()
export class TaskOverdue extends AlertCondition {
  readonly kind = 'SYNC_STALE'
  readonly about = 'task'

  constructor(
    private readonly channels: ChannelHealth,
    private readonly modes: ModeStore,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const { mode, since } = await this.modes.read()
    const failSafeSince = mode === 'FAIL_SAFE' ? since : null
    const channels = await this.channels.live(now, { hasTask: true })
    return channels.flatMap((channel) => {
      const task = taskOf(channel, now)
      if (!task?.overdue || closingCause(channel, failSafeSince) !== null) return []
      const { id, eventId, event, platform, externalEventId, label } = channel
      const age = formatDuration(now.getTime() - task.since.getTime())
      const detail =
        `${event.name}: set ${label ?? externalEventId} to ${task.cap}, then confirm it here. This was requested ${age} ago. ` +
        `Until then its old cap counts, and units that it should release are on sale nowhere else.`
      return [{ eventId, platform, subject: id, detail }]
    })
  }
}
