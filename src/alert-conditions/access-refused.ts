import { Injectable } from '@nestjs/common'
import { AlertCondition, type AlertProblem } from './alert-condition.js'
import { ChannelHealth, type LiveChannel } from './channel-health.js'

const REFUSED = /\b(AUTH_FAILED|FORBIDDEN|GONE)\b/

/**
 * A platform refuses our credentials, or access to a listing: nothing is read or written there until an operator fixes it.
 * Refused credentials raise one alert per platform, a refused listing raises its own.
 */
@Injectable()
export class AccessRefused extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'access'

  constructor(private readonly channels: ChannelHealth) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const failed = await this.channels.live(now, { failed: true })
    const problems = failed.flatMap((channel) => {
      const refusal = refusalOf(channel)
      return refusal === null ? [] : [problemOf(channel, refusal)]
    })
    // Refused credentials are one problem for all channels of a platform.
    return [...new Map(problems.map((problem) => [`${problem.platform}/${problem.subject}`, problem])).values()]
  }
}

/** The last refusal that no successful access has followed. */
function refusalOf({ sweep, lastPullAt, syncError }: LiveChannel): string | null {
  const wasReadSince = sweep?.readFailedAt && lastPullAt && lastPullAt > sweep.readFailedAt
  const readFailure = wasReadSince ? null : (sweep?.readFailure ?? null)
  return [syncError, readFailure].find((failure) => failure !== null && REFUSED.test(failure)) ?? null
}

function problemOf({ id, eventId, event, platform, externalEventId }: LiveChannel, refusal: string): AlertProblem {
  if (/\bAUTH_FAILED\b/.test(refusal)) {
    const detail = `${platform} refuses our credentials (${refusal}): nothing is read or written there. Renew them.`
    return { platform, detail }
  }
  const detail = `${event.name}: ${platform} refuses access to listing ${externalEventId} (${refusal}). Nothing is read or written there.`
  return { eventId, platform, subject: id, detail }
}
