import { Injectable } from '@nestjs/common'
import { isOpen } from '../domain/events/event-state.js'
import { ModeStore } from '../system-mode/mode-store.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'
import { ChannelHealth } from './channel-health.js'

const ALERT_DELAY_MS = 60_000

/** A channel is not imported: its exposure is unbounded, so no channel of its event is allocated tickets. */
@Injectable()
export class NotImported extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'import'

  constructor(
    private readonly channels: ChannelHealth,
    private readonly modes: ModeStore,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const createdBefore = new Date(now.getTime() - ALERT_DELAY_MS)
    const { mode, since } = await this.modes.read()
    // Nothing is imported in fail-safe mode.
    if (mode === 'FAIL_SAFE' || since > createdBefore) return []
    const channels = await this.channels.live(now, { imported: false })
    const overdue = channels.filter(({ createdAt, event }) => createdAt < createdBefore && isOpen(event, now))
    return overdue.map(({ id, eventId, event, platform, externalEventId, createdAt, syncError, lastFailure }) => {
      const age = formatDuration(now.getTime() - createdAt.getTime())
      const reason = syncError ?? lastFailure ?? 'no attempt was made yet; check that the worker role runs'
      const detail =
        `${event.name}: ${platform} listing ${externalEventId} has not been imported for ${age}: ${reason}. Until then ` +
        `it sells as its organizer configured it, and no other channel of this event is given tickets.`
      return { eventId, platform, subject: id, detail }
    })
  }
}
