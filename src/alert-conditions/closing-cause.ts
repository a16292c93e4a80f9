import type { LiveChannel } from './channel-health.js'

/** Why a channel should be closed, and since when. */
export interface ClosingCause {
  reason: string
  since: Date
}

/** The oldest cause for which a channel should be closed; null: there is none. `failSafeSince`: null in normal mode. */
export function closingCause(channel: LiveChannel, failSafeSince: Date | null): ClosingCause | null {
  const { event, pausedSince, needsSweepSince, desiredMode, desiredAt, createdAt } = channel
  const commands = present([
    { reason: 'the event was closed', since: event.closedSince },
    { reason: 'the red alarm', since: event.redAlarmSince },
    { reason: 'the event was paused', since: event.pausedSince },
    { reason: 'the channel was paused', since: pausedSince },
    { reason: 'sales since the outage have not been read yet', since: needsSweepSince },
  ])
  const isEmpty = desiredMode === 'WAITLIST_ONLY' && commands.length === 0
  const causes = [
    ...commands,
    ...present([
      { reason: 'fail-safe mode', since: failSafeSince },
      { reason: 'it has no tickets to sell', since: isEmpty ? (desiredAt ?? createdAt) : null },
    ]),
  ]
  return causes.toSorted((a, b) => a.since.getTime() - b.since.getTime())[0] ?? null
}

function present(causes: readonly { reason: string; since: Date | null }[]): ClosingCause[] {
  return causes.flatMap(({ reason, since }) => (since ? [{ reason, since }] : []))
}
