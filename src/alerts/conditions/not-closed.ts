import { Injectable } from '@nestjs/common'
import type { Prisma } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../../inventory/live-events.js'
import { Condition, inWords, type Problem } from './condition.js'

const AFTER_MS = 30_000

const FACTS = { event: true } satisfies Prisma.ChannelInclude
type OpenChannel = Prisma.ChannelGetPayload<{ include: typeof FACTS }>

/** Why a channel should be closed, and since when. */
interface Cause {
  why: string
  since: Date | null
}

/** A channel that should be closed and has not confirmed it: tickets are being sold there. */
@Injectable()
export class NotClosed extends Condition {
  readonly kind = 'NOT_CLOSED'
  readonly about = 'not closed'

  /** Since when (ms) the last write of a channel that was closed before has had no answer: what it left is not known. */
  private unanswered = new Map<string, number>()

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<Problem[]> {
    const mode = await this.prisma.systemMode.findFirst()
    const failSafe = { why: 'fail-safe mode', since: mode?.mode === 'FAIL_SAFE' ? mode.since : null }
    const channels = await this.prisma.channel.findMany({
      where: {
        ...liveChannels(now),
        OR: [{ confirmedMode: { not: 'WAITLIST_ONLY' } }, { unconfirmedMode: { not: null } }],
      },
      include: FACTS,
    })
    const closed = channels.filter(({ confirmedMode }) => confirmedMode === 'WAITLIST_ONLY')
    this.unanswered = new Map(closed.map(({ id }) => [id, this.unanswered.get(id) ?? now.getTime()]))
    return channels.flatMap((channel) => {
      const cause = oldest([failSafe, ...causesOf(channel)])
      const since = Math.max(cause?.since.getTime() ?? 0, this.unanswered.get(channel.id) ?? 0)
      const ageMs = cause === null ? 0 : now.getTime() - since
      return cause === null || ageMs < AFTER_MS ? [] : [problemOf(channel, cause, ageMs)]
    })
  }
}

function causesOf({ event, pausedSince, needsSweepSince, desiredMode, desiredAt, createdAt }: OpenChannel): Cause[] {
  const known = [
    { why: 'the event was closed', since: event.closedSince },
    { why: 'the red alarm', since: event.redAlarmSince },
    { why: 'the event was paused', since: event.pausedSince },
    { why: 'the channel was paused', since: pausedSince },
    { why: 'sales since the outage are not read yet', since: needsSweepSince },
  ]
  if (desiredMode !== 'WAITLIST_ONLY' || known.some(({ since }) => since !== null)) return known
  return [{ why: 'it has no tickets to sell', since: desiredAt ?? createdAt }]
}

function oldest(causes: readonly Cause[]): { why: string; since: Date } | null {
  const found = causes.flatMap(({ why, since }) => (since ? [{ why, since }] : []))
  return found.toSorted((a, b) => a.since.getTime() - b.since.getTime())[0] ?? null
}

function problemOf(channel: OpenChannel, { why, since }: { why: string; since: Date }, ageMs: number): Problem {
  const { id, eventId, event, platform, externalEventId, syncError, lastFailure, lastFailureAt } = channel
  const answer = lastFailureAt && lastFailureAt >= since ? lastFailure : syncError
  const detail =
    `${event.name}: ${platform} listing ${externalEventId} should be closed (${why}) and has not confirmed it for ` +
    `${inWords(ageMs)}. Its last answer: ${answer ?? 'none'}. If it lasts, close the listing on ${platform} itself.`
  return { eventId, platform, subject: id, detail }
}
