import { Injectable } from '@nestjs/common'
import { traitsOf } from '../platforms/registry.js'
import { ModeStore } from '../system-mode/mode-store.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'
import { ChannelHealth, type LiveChannel } from './channel-health.js'
import { closingCause, type ClosingCause } from './closing-cause.js'

/** A channel that should be closed has not confirmed it, so it may still sell tickets. */
@Injectable()
export class NotClosed extends AlertCondition {
  readonly kind = 'NOT_CLOSED'
  readonly about = 'not closed'

  /** Since when (ms) the last write to a channel that was closed before is unconfirmed, so that its state is unknown. */
  private unconfirmedSince = new Map<string, number>()

  constructor(
    private readonly channels: ChannelHealth,
    private readonly modes: ModeStore,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const { mode, since: modeSince } = await this.modes.read()
    const failSafeSince = mode === 'FAIL_SAFE' ? modeSince : null
    const channels = await this.channels.live(now, { notClosed: true })
    const closed = channels.filter(({ confirmedMode }) => confirmedMode === 'WAITLIST_ONLY')
    this.unconfirmedSince = new Map(closed.map(({ id }) => [id, this.unconfirmedSince.get(id) ?? now.getTime()]))
    return channels.flatMap((channel) => {
      const cause = closingCause(channel, failSafeSince)
      const since = Math.max(cause?.since.getTime() ?? 0, this.unconfirmedSince.get(channel.id) ?? 0)
      const ageMs = cause === null ? 0 : now.getTime() - since
      return cause === null || ageMs < traitsOf(channel.platform).confirmMs ? [] : [problemOf(channel, cause, ageMs)]
    })
  }
}

function problemOf(channel: LiveChannel, cause: ClosingCause, ageMs: number): AlertProblem {
  const { id, eventId, event, platform, externalEventId } = channel
  const detail =
    `${event.name}: ${platform} listing ${externalEventId} should be closed (${cause.reason}) and has not confirmed it for ` +
    `${formatDuration(ageMs)}. ${remedyOf(channel, cause)}`
  return { eventId, platform, subject: id, detail }
}

function remedyOf(channel: LiveChannel, { since }: ClosingCause): string {
  const { platform, taskCap, syncError, lastFailure, lastFailureAt } = channel
  if (!traitsOf(platform).hasApi) return `Set its cap to ${taskCap ?? 'what is sold'} there, then confirm it here.`
  const failure = lastFailureAt && lastFailureAt >= since ? lastFailure : syncError
  return `Last failure: ${failure ?? 'none'}. If this persists, close the listing on ${platform} itself.`
}
