import { Injectable } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Channel } from '../generated/prisma/client.js'
import { inOneLine } from '../infrastructure/error-text.js'
import { isOutage } from '../infrastructure/outage.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { describeFailure } from '../platforms/describe-failure.js'
import type { Failure } from '../platforms/port.js'
import { Backoff } from './backoff.js'

/** What is left to do for a channel. `again`: not before this instant. `failure`: what the platform answered last. */
export type SyncResult =
  { done: true; eventId: string | null } | { done: false; again: Date; why: string; failure?: Failure['kind'] }

/** What was tried: writes by mode and lane, so that a raise that is refused puts off no closing. */
export type SyncStep = 'adopt' | 'read' | `write ${'OPEN' | 'WAITLIST_ONLY'} ${'protect' | 'grow'}`

type Permanent = Exclude<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNAVAILABLE' | 'UNKNOWN' | 'CAP_BELOW_SOLD' }>

/** For what ends by itself: soon, and ever less often unless a closing waits for it. */
const RETRY_MS = 1_000
const MAX_TEXT = 500
const MAX_RETRY_MS = 15_000
const FIRST_PAUSE_MS = 60_000
const MAX_PAUSE_MS = 600_000
/** A closing that was refused leaves a listing on sale: it is tried again sooner. */
const REFUSED_CLOSING_MS = { first: 2_000, longest: 60_000 }

export const later = (ms: number, why: string): SyncResult => ({ done: false, again: new Date(Date.now() + ms), why })

/** Failures that do not end by themselves: a person has to act. Null: it does. */
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

/** For `channel.syncError`: what was tried, and what the platform said. */
export function describe(step: string, failure: Permanent): string {
  const what = 'message' in failure ? failure.message : failure.reason
  return `${step}: ${failure.kind}${failure.kind === 'REJECTED' ? ` ${failure.code}` : ''}: ${what}`
}

/** What failed calls mean: when to try again, and what a person is told. */
@Injectable()
export class SyncFailures {
  private readonly backoff = new Backoff(FIRST_PAUSE_MS, MAX_PAUSE_MS)
  private readonly closings = new Backoff(REFUSED_CLOSING_MS.first, REFUSED_CLOSING_MS.longest)
  private readonly retries = new Backoff(RETRY_MS, MAX_RETRY_MS)

  constructor(
    private readonly prisma: PrismaService,
    private readonly alerts: AlertService,
  ) {}

  /** Null: try it. */
  blocked({ id, syncError }: Channel, step: SyncStep): SyncResult | null {
    const key = `${id} ${step}`
    const again = this.backoff.until(key) ?? this.closings.until(key)
    return again && { done: false, again, why: syncError ?? `${step} was refused` }
  }

  succeeded({ id }: Channel, step: SyncStep): void {
    for (const backoff of [this.backoff, this.closings, this.retries]) backoff.succeeded(`${id} ${step}`)
  }

  /** An error that no platform explains; an outage of our own servers has an alert of its own. */
  async threw(channelId: string, error: unknown): Promise<void> {
    if (isOutage(error)) return
    const data = { lastFailure: inOneLine(error), lastFailureAt: new Date() }
    await this.prisma.channel.updateMany({ where: { id: channelId }, data })
  }

  /** It was tried several times and threw each time. */
  async gaveUp(channelId: string, error: unknown): Promise<void> {
    if (isOutage(error)) return
    const syncError = `sync: ${inOneLine(error)}`
    const { eventId, platform } = await this.prisma.channel.update({ where: { id: channelId }, data: { syncError } })
    const detail = `${platform} cannot be driven: ${syncError}`
    await this.alerts.raise({ kind: 'DEAD_LETTER', eventId, platform, about: 'EXCEPTION', detail })
  }

  /** Nothing is left to be written: what a write met is over. Troubles of reads end with a read. */
  async inStep({ id, syncError }: Channel): Promise<void> {
    if (syncError === null || !/^(?:write|adopt|sync):/.test(syncError)) return
    await this.prisma.channel.updateMany({ where: { id, syncError }, data: { syncError: null } })
  }

  async failed(channel: Channel, failure: Failure, step: SyncStep): Promise<SyncResult> {
    const { kind } = failure
    // A closing that does not land and an import that does not end say why.
    const lastFailure = `${step}: ${describeFailure(failure)}`.slice(0, MAX_TEXT)
    await this.prisma.channel.update({ where: { id: channel.id }, data: { lastFailure, lastFailureAt: new Date() } })
    if (kind === 'THROTTLED') return { done: false, again: failure.resumeAt, why: 'throttled', failure: kind }
    const refusal = permanent(failure)
    const key = `${channel.id} ${step}`
    const closing = step.startsWith('write WAITLIST_ONLY')
    if (!refusal) {
      const why = 'reason' in failure ? failure.reason : kind
      const again = closing ? new Date(Date.now() + RETRY_MS) : this.retries.failed(key)
      return { done: false, again, why, failure: kind }
    }
    const again = (closing && kind === 'REJECTED' ? this.closings : this.backoff).failed(key)
    const syncError = describe(step.split(' ')[0] ?? step, refusal)
    await this.prisma.channel.update({ where: { id: channel.id }, data: { syncError } })
    const { eventId, platform } = channel
    const detail = `${platform} cannot be driven: ${syncError}`
    const alert = kind === 'REJECTED' ? 'DEAD_LETTER' : 'PLATFORM_UNREACHABLE'
    await this.alerts.raise({ kind: alert, eventId, platform, about: kind, detail })
    return { done: false, again, why: syncError, failure: kind }
  }
}
