import { Injectable } from '@nestjs/common'
import { staleAfterMs } from '../../domain/sweep-pace.js'
import type { Prisma } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../../inventory/live-events.js'
import { Condition, inWords, type Problem } from './condition.js'

/** A lost cap write is settled by a read after this long, ms, if there are any. */
const UNSETTLED_MS = 120_000

const FACTS = { event: true, sweep: true } satisfies Prisma.ChannelInclude
type ReadChannel = Prisma.ChannelGetPayload<{ include: typeof FACTS }>

/**
 * A listing whose reads, asked for by the clock, stay without an answer; or whose last cap write does. The plan is what
 * counts: between two planned reads nothing is late, and nothing is due in fail-safe mode or while no service ran.
 */
@Injectable()
export class ReadsOverdue extends Condition {
  readonly kind = 'SYNC_STALE'
  readonly about = 'reads'
  /** Before this process looked for the first time, perhaps nobody read anything. */
  private beganAt: Date | null = null

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<Problem[]> {
    this.beganAt ??= now
    const mode = await this.prisma.systemMode.findFirst()
    if (mode?.mode === 'FAIL_SAFE') return []
    const from = Math.max(this.beganAt.getTime(), mode?.since.getTime() ?? 0)
    const channels = await this.prisma.channel.findMany({
      where: { ...liveChannels(now), importedAt: { not: null }, sweep: { isNot: null } },
      include: FACTS,
    })
    return channels.flatMap((channel) => this.judge(channel, from, now))
  }

  private judge(channel: ReadChannel, from: number, now: Date): Problem[] {
    const { sweep, unconfirmedSince } = channel
    if (!sweep) return []
    const since = (instant: Date) => now.getTime() - Math.max(from, instant.getTime())
    const pauseMs = sweep.pollMs ?? sweep.pauseMs
    const due = overdueSince(channel, now)
    const unansweredMs = due ? since(due) : 0
    if (unansweredMs > staleAfterMs(pauseMs, reasonOf(channel) !== null)) {
      return [problemOf(channel, `its sales and cancellations have not been read for ${inWords(unansweredMs)}`)]
    }
    const unsettledMs = unconfirmedSince ? since(unconfirmedSince) : 0
    if (unsettledMs <= Math.max(UNSETTLED_MS, staleAfterMs(pauseMs, false))) return []
    return [problemOf(channel, `a cap written there has not been confirmed for ${inWords(unsettledMs)}`)]
  }
}

/** The instant at which a read was due that was not made: a poll stays due until then, a sweep was asked for. */
function overdueSince({ sweep, lastPullAt }: ReadChannel, now: Date): Date | null {
  if (sweep?.nextPollAt) return sweep.nextPollAt <= now ? sweep.nextPollAt : null
  const answered = !sweep?.askedAt || (lastPullAt !== null && lastPullAt >= sweep.askedAt)
  return answered ? null : sweep.askedAt
}

/** Why the reads since the last good one have failed; null: they have not. */
function reasonOf({ sweep, lastPullAt }: ReadChannel): string | null {
  if (!sweep?.readFailedAt || (lastPullAt && sweep.readFailedAt < lastPullAt)) return null
  return sweep.readFailure
}

function problemOf(channel: ReadChannel, what: string): Problem {
  const { id, eventId, event, platform, syncError } = channel
  const why = reasonOf(channel) ?? syncError
  const detail =
    `${event.name}: ${platform}: ${what}${why === null ? '' : ` (${why})`}. Look at that platform's state and ` +
    `credentials; its cap keeps the event from being oversold.`
  return { eventId, platform, subject: id, detail }
}
