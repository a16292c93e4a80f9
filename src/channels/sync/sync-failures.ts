import { Injectable } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import type { Channel } from '../../domain/channel-record.js'
import { toSingleLine } from '../../infrastructure/error-text.js'
import { isOutage } from '../../infrastructure/errors/outage.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { describeFailure } from '../../platforms/describe-failure.js'
import type { Failure } from '../../platforms/port.js'
import { Backoff } from './backoff.js'
import { ChannelStore } from '../channel-store.js'

/**
 * Result of a sync. Done: `eventId` is that of the channel if anything has changed, so that others of it may continue. Not
 * done: retried at `retryAt`; `failure` is the kind of the platform's last response.
 */
export type SyncResult =
  { done: true; eventId: string | null } | { done: false; retryAt: Date; reason: string; failure?: Failure['kind'] }

/** Writes by mode and lane, so that a refused raise does not delay a closing. */
const STEPS = [
  'import',
  'read',
  'write OPEN protect',
  'write OPEN grow',
  'write WAITLIST_ONLY protect',
  'write WAITLIST_ONLY grow',
] as const
export type SyncStep = (typeof STEPS)[number]

type Permanent = Exclude<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNAVAILABLE' | 'UNKNOWN' | 'CAP_BELOW_SOLD' }>

/** Transient failures; a closing is retried at the constant first interval. */
const RETRY_MS = 1_000
const MAX_RETRY_MS = 15_000
/** Permanent failures. */
const FIRST_PAUSE_MS = 60_000
const MAX_PAUSE_MS = 600_000
/** A refused closing leaves a listing on sale: it is retried sooner. */
const REFUSED_CLOSING_MS = { first: 2_000, longest: 60_000 }
const MAX_TEXT = 500

export const retryIn = (ms: number, reason: string, now: Date): SyncResult => ({
  done: false,
  retryAt: new Date(now.getTime() + ms),
  reason,
})

/** Failures that retries do not resolve: an operator has to act. Null: transient. */
export function permanent(failure: Failure): Permanent | null {
  switch (failure.kind) {
    case 'THROTTLED':
    case 'NOT_SENT':
    case 'UNAVAILABLE':
    case 'UNKNOWN':
    case 'CAP_BELOW_SOLD':
      return null
    default:
      return failure
  }
}

/** For `channel.syncError`: the step and the platform's message. */
export function describe(step: string, failure: Permanent): string {
  const what = 'message' in failure ? failure.message : failure.reason
  return `${step}: ${failure.kind}${failure.kind === 'REJECTED' ? ` ${failure.code}` : ''}: ${what}`
}

/** Records failed calls, schedules retries and raises alerts. */
@Injectable()
export class SyncFailures {
  private readonly backoff = new Backoff(FIRST_PAUSE_MS, MAX_PAUSE_MS)
  private readonly closings = new Backoff(REFUSED_CLOSING_MS.first, REFUSED_CLOSING_MS.longest)
  private readonly retries = new Backoff(RETRY_MS, MAX_RETRY_MS)

  constructor(
    private readonly channels: ChannelStore,
    private readonly alerts: AlertService,
    private readonly clock: Clock,
  ) {}

  /** Null: the step may run. */
  blocked({ id, syncError }: Channel, step: SyncStep): SyncResult | null {
    const key = `${id} ${step}`
    const now = this.clock.now().getTime()
    const retryAt = this.backoff.blockedUntil(key, now) ?? this.closings.blockedUntil(key, now)
    return retryAt && { done: false, retryAt, reason: syncError ?? `${step} was refused` }
  }

  recordSuccess({ id }: Channel, step: SyncStep): void {
    for (const backoff of [this.backoff, this.closings, this.retries]) backoff.recordSuccess(`${id} ${step}`)
  }

  /** Nothing is blocked any more: what was refused may be accepted now. */
  forget(channelId: string): void {
    for (const backoff of [this.backoff, this.closings, this.retries]) {
      for (const step of STEPS) backoff.recordSuccess(`${channelId} ${step}`)
    }
  }

  /** An exception, not a platform response. An outage of PostgreSQL or Redis has its own alert. */
  async recordError(channelId: string, error: unknown): Promise<void> {
    if (isOutage(error)) return
    const data = { lastFailure: toSingleLine(error), lastFailureAt: this.clock.now() }
    await this.channels.updateIf(null, channelId, {}, data)
  }

  /** The job's attempts are exhausted: each of them threw. */
  async recordExhausted(channelId: string, error: unknown): Promise<void> {
    if (isOutage(error)) return
    const syncError = `sync: ${toSingleLine(error)}`
    const { eventId, platform } = await this.channels.update(null, channelId, { syncError })
    const detail = `${platform} cannot be synced: ${syncError}`
    await this.alerts.raise({ kind: 'DEAD_LETTER', eventId, platform, about: 'EXCEPTION', detail })
  }

  /** Nothing is left to write, so errors of writes are resolved. Errors of reads are resolved by a read. */
  async clearWriteError({ id, syncError }: Channel): Promise<void> {
    // Earlier versions stored "adopt" for "import". words-ok: stored value
    if (syncError === null || !/^(?:write|import|adopt|sync):/.test(syncError)) return // words-ok: stored value
    await this.channels.updateIf(null, id, { syncError }, { syncError: null })
  }

  async recordFailure(channel: Channel, failure: Failure, step: SyncStep): Promise<SyncResult> {
    const { kind } = failure
    // The alerts on closings and imports that do not complete show this text.
    const lastFailure = `${step}: ${describeFailure(failure)}`.slice(0, MAX_TEXT)
    const data = { lastFailure, lastFailureAt: this.clock.now() }
    await this.channels.update(null, channel.id, data)
    if (kind === 'THROTTLED') return { done: false, retryAt: failure.resumeAt, reason: 'throttled', failure: kind }
    const refusal = permanent(failure)
    const key = `${channel.id} ${step}`
    const now = this.clock.now().getTime()
    const closing = step.startsWith('write WAITLIST_ONLY')
    if (!refusal) {
      const reason = 'reason' in failure ? failure.reason : kind
      const retryAt = closing ? new Date(now + RETRY_MS) : this.retries.recordFailure(key, now)
      return { done: false, retryAt, reason, failure: kind }
    }
    const retryAt = (closing && kind === 'REJECTED' ? this.closings : this.backoff).recordFailure(key, now)
    const syncError = describe(step.split(' ')[0] ?? step, refusal)
    await this.channels.update(null, channel.id, { syncError })
    const { eventId, platform } = channel
    const detail = `${platform} cannot be synced: ${syncError}`
    const alert = kind === 'REJECTED' ? 'DEAD_LETTER' : 'PLATFORM_UNREACHABLE'
    await this.alerts.raise({ kind: alert, eventId, platform, about: kind, detail })
    return { done: false, retryAt, reason: syncError, failure: kind }
  }
}
