import { Injectable } from '@nestjs/common'
import type { Prisma } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../../inventory/live-events.js'
import { Condition, type Problem } from './condition.js'

const FACTS = { event: { select: { name: true } }, sweep: true } satisfies Prisma.ChannelInclude
type RefusedChannel = Prisma.ChannelGetPayload<{ include: typeof FACTS }>

const REFUSED = /\b(AUTH_FAILED|FORBIDDEN|GONE)\b/

/**
 * A platform that refuses our credentials, or the listing to them: nothing there is read or written until a person has
 * changed that. Refused credentials are one alert per platform, a refused listing is one of its own.
 */
@Injectable()
export class AccessRefused extends Condition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'access'

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<Problem[]> {
    const channels = await this.prisma.channel.findMany({
      where: {
        ...liveChannels(now),
        OR: [{ syncError: { not: null } }, { sweep: { readFailedAt: { not: null } } }],
      },
      include: FACTS,
    })
    const problems = channels.flatMap((channel) => {
      const answer = refusalOf(channel)
      return answer === null ? [] : [problemOf(channel, answer)]
    })
    // One alert for all channels of a platform.
    return [...new Map(problems.map((problem) => [`${problem.platform}/${problem.subject}`, problem])).values()]
  }
}

/** What was refused and never granted since. */
function refusalOf({ sweep, lastPullAt, syncError }: RefusedChannel): string | null {
  const readSince = sweep?.readFailedAt && lastPullAt && lastPullAt > sweep.readFailedAt
  const read = readSince ? null : (sweep?.readFailure ?? null)
  return [syncError, read].find((answer) => answer !== null && REFUSED.test(answer)) ?? null
}

function problemOf({ id, eventId, event, platform, externalEventId }: RefusedChannel, answer: string): Problem {
  if (/\bAUTH_FAILED\b/.test(answer)) {
    const detail = `${platform} refuses our credentials (${answer}): nothing is read or written there. Renew them.`
    return { platform, detail }
  }
  const detail = `${event.name}: ${platform} refuses the listing ${externalEventId} (${answer}). Nothing is read or written there.`
  return { eventId, platform, subject: id, detail }
}
