import { Injectable } from '@nestjs/common'
import { ModeStore } from '../system-mode/mode-store.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'
import { ChannelHealth, type LiveChannel } from './channel-health.js'

const ALERT_DELAY_MS = 30_000

/** Why a channel should be closed, and since when. */
interface Cause {
  reason: string
  since: Date | null
}

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
    const failSafe = { reason: 'fail-safe mode', since: mode === 'FAIL_SAFE' ? modeSince : null }
    const channels = await this.channels.live(now, { notClosed: true })
    const closed = channels.filter(({ confirmedMode }) => confirmedMode === 'WAITLIST_ONLY')
    this.unconfirmedSince = new Map(closed.map(({ id }) => [id, this.unconfirmedSince.get(id) ?? now.getTime()]))
    return channels.flatMap((channel) => {
      const cause = oldest([failSafe, ...causesOf(channel)])
      const since = Math.max(cause?.since.getTime() ?? 0, this.unconfirmedSince.get(channel.id) ?? 0)
      const ageMs = cause === null ? 0 : now.getTime() - since
      return cause === null || ageMs < ALERT_DELAY_MS ? [] : [problemOf(channel, cause, ageMs)]
    })
  }
}

function causesOf({ event, pausedSince, needsSweepSince, desiredMode, desiredAt, createdAt }: LiveChannel): Cause[] {
  const causes = [
    { reason: 'the event was closed', since: event.closedSince },
    { reason: 'the red alarm', since: event.redAlarmSince },
    { reason: 'the event was paused', since: event.pausedSince },
    { reason: 'the channel was paused', since: pausedSince },
    { reason: 'sales since the outage have not been read yet', since: needsSweepSince },
  ]
  if (desiredMode !== 'WAITLIST_ONLY' || causes.some(({ since }) => since !== null)) return causes
  return [{ reason: 'it has no tickets to sell', since: desiredAt ?? createdAt }]
}

function oldest(causes: readonly Cause[]): { reason: string; since: Date } | null {
  const found = causes.flatMap(({ reason, since }) => (since ? [{ reason, since }] : []))
  return found.toSorted((a, b) => a.since.getTime() - b.since.getTime())[0] ?? null
}

function problemOf(
  channel: LiveChannel,
  { reason, since }: { reason: string; since: Date },
  ageMs: number,
): AlertProblem {
  const { id, eventId, event, platform, externalEventId, syncError, lastFailure, lastFailureAt } = channel
  const failure = lastFailureAt && lastFailureAt >= since ? lastFailure : syncError
  const detail =
    `${event.name}: ${platform} listing ${externalEventId} should be closed (${reason}) and has not confirmed it for ` +
    `${formatDuration(ageMs)}. Last failure: ${failure ?? 'none'}. If this persists, close the listing on ${platform} itself.`
  return { eventId, platform, subject: id, detail }
}
