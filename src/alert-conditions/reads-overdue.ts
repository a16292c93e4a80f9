import { Injectable } from '@nestjs/common'
import { staleAfterMs } from '../domain/orders/sweep-pace.js'
import { ModeStore } from '../system-mode/mode-store.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'
import { ChannelHealth, type LiveChannel } from './channel-health.js'

/** By this time a read has resolved an unconfirmed cap write, ms, if reads succeed. */
const MAX_UNCONFIRMED_MS = 120_000

/**
 * The scheduled reads of a listing, or its last cap write, have had no result for too long. Only the schedule counts: between
 * two scheduled reads nothing is overdue, and nothing is due in fail-safe mode or while no service was running.
 */
@Injectable()
export class ReadsOverdue extends AlertCondition {
  readonly kind = 'SYNC_STALE'
  readonly about = 'reads'
  /** First evaluation by this process: before it, possibly no service was running. */
  private firstCheckedAt: Date | null = null

  constructor(
    private readonly channels: ChannelHealth,
    private readonly modes: ModeStore,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    this.firstCheckedAt ??= now
    const { mode, since } = await this.modes.read()
    if (mode === 'FAIL_SAFE') return []
    const from = Math.max(this.firstCheckedAt.getTime(), since.getTime())
    const channels = await this.channels.live(now, { imported: true })
    return channels.flatMap((channel) => this.assess(channel, from, now))
  }

  private assess(channel: LiveChannel, from: number, now: Date): AlertProblem[] {
    const { sweep, unconfirmedSince } = channel
    if (!sweep) return []
    const msSince = (instant: Date) => now.getTime() - Math.max(from, instant.getTime())
    const pauseMs = sweep.pollMs ?? sweep.pauseMs
    const due = overdueSince(channel, now)
    const overdueMs = due ? msSince(due) : 0
    if (overdueMs > staleAfterMs(pauseMs, failureSince(channel) !== null)) {
      return [problemOf(channel, `its sales and cancellations have not been read for ${formatDuration(overdueMs)}`)]
    }
    const unconfirmedMs = unconfirmedSince ? msSince(unconfirmedSince) : 0
    if (unconfirmedMs <= Math.max(MAX_UNCONFIRMED_MS, staleAfterMs(pauseMs, false))) return []
    return [problemOf(channel, `a cap written there has not been confirmed for ${formatDuration(unconfirmedMs)}`)]
  }
}

/** When the oldest pending read was due: a poll stays due until it is made; a sweep is due from its request on. */
function overdueSince({ sweep, lastPullAt }: LiveChannel, now: Date): Date | null {
  if (sweep?.nextPollAt) return sweep.nextPollAt <= now ? sweep.nextPollAt : null
  const isDone = !sweep?.readRequestedAt || (lastPullAt !== null && lastPullAt >= sweep.readRequestedAt)
  return isDone ? null : sweep.readRequestedAt
}

/** Why reads since the last successful one have failed; null if none has. */
function failureSince({ sweep, lastPullAt }: LiveChannel): string | null {
  if (!sweep?.readFailedAt || (lastPullAt && sweep.readFailedAt < lastPullAt)) return null
  return sweep.readFailure
}

function problemOf(channel: LiveChannel, summary: string): AlertProblem {
  const { id, eventId, event, platform, syncError } = channel
  const failure = failureSince(channel) ?? syncError
  const detail =
    `${event.name}: ${platform}: ${summary}${failure === null ? '' : ` (${failure})`}. Check the platform's status and ` +
    `our credentials. Its last cap still protects the event from overselling.`
  return { eventId, platform, subject: id, detail }
}
