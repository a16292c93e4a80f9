import { Injectable } from '@nestjs/common'
import { alertSubjectOf, nameOf, Platforms } from '../platforms/platforms.js'
import { AlertCondition, type AlertProblem } from './alert-condition.js'
import { ChannelHealth, type LiveChannel } from './channel-health.js'

const REFUSED = /\b(AUTH_FAILED|FORBIDDEN|GONE)\b/

/**
 * A platform refuses our credentials, or access to a listing: nothing is read or written there until an operator fixes it.
 * Refused credentials raise one alert per connection, a refused listing raises its own.
 */
@Injectable()
export class AccessRefused extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'access'

  constructor(
    private readonly channels: ChannelHealth,
    private readonly platforms: Platforms,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const failed = await this.channels.live(now, { failed: true })
    const problems = failed.flatMap((channel) => {
      const refusal = refusalOf(channel)
      return refusal === null ? [] : [this.problemOf(channel, refusal)]
    })
    // Refused credentials are one problem for all channels of a connection.
    return [...new Map(problems.map((problem) => [`${problem.platform}/${problem.subject}`, problem])).values()]
  }

  private problemOf(channel: LiveChannel, refusal: string): AlertProblem {
    const { id, eventId, event, platform, externalEventId } = channel
    const connection = this.platforms.find(channel.connectionId)
    if (connection && /\bAUTH_FAILED\b/.test(refusal)) {
      const detail = `${nameOf(connection)} refuses our credentials (${refusal}): nothing is read or written there. Renew them.`
      return { platform, ...alertSubjectOf(connection), detail }
    }
    const detail = `${event.name}: ${platform} refuses access to listing ${externalEventId} (${refusal}). Nothing is read or written there.`
    return { eventId, platform, subject: id, detail }
  }
}

/** The last refusal that no successful access has followed. */
function refusalOf({ sweep, lastPullAt, syncError }: LiveChannel): string | null {
  const wasReadSince = sweep?.readFailedAt && lastPullAt && lastPullAt > sweep.readFailedAt
  const readFailure = wasReadSince ? null : (sweep?.readFailure ?? null)
  return [syncError, readFailure].find((failure) => failure !== null && REFUSED.test(failure)) ?? null
}
