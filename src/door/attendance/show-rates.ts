import { Injectable } from '@nestjs/common'
import { DEFAULT_DURATION_MS } from '../../domain/events/event-state.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { RecentReads } from '../../infrastructure/recent-reads.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { CHECKED_IN_AT } from '../check-in-sql.js'
import type { AttendanceDto } from './attendance.dto.js'
import { Attendance } from './attendance.js'
import { historyOf, shareOf, type EndedSales } from './show-rate.js'

/** Earlier events that are read for those with check-ins. */
const MAX_READ = 30
/** Changes when an event ends, and as long as its check-ins are reported. */
const HISTORY = { maxAgeMs: 60_000, max: 100 }

/** How many of the tickets sold on each channel were used, at this event and at earlier ones. */
@Injectable()
export class ShowRates {
  private readonly histories: RecentReads<EndedSales[]>

  constructor(
    private readonly prisma: PrismaService,
    private readonly attendance: Attendance,
    private readonly clock: Clock,
  ) {
    this.histories = new RecentReads((eventId) => this.earlier(eventId), HISTORY, clock)
  }

  /** Throws NotFound. */
  async of(eventId: string): Promise<AttendanceDto> {
    const { channels, sold, checkedIn: attended } = await this.attendance.of(eventId)
    const [earlier, rows] = await Promise.all([
      this.histories.get(eventId),
      this.prisma.channel.findMany({ where: { eventId }, select: { id: true, connectionId: true } }),
    ])
    const connections = new Map(rows.map(({ id, connectionId }) => [id, connectionId]))
    return {
      sold,
      attended,
      share: shareOf({ sold, attended }),
      channels: channels.map((channel) => ({
        ...channel,
        share: shareOf(channel),
        history: historyOf(earlier, connections.get(channel.channelId) ?? null),
      })),
    }
  }

  /** Of the events that ended before this one starts and share an account with it; of any for an event without accounts. */
  private earlier(eventId: string): Promise<EndedSales[]> {
    return this.prisma.$queryRaw<EndedSales[]>`
      WITH earlier AS (
        SELECT e.id, e.starts_at FROM events own JOIN events e ON e.starts_at < own.starts_at AND e.id <> own.id
        WHERE own.id = ${eventId}
          AND COALESCE(e.ends_at, e.starts_at + ${DEFAULT_DURATION_MS / 1_000} * interval '1 second') < ${this.clock.now()}
          AND (NOT EXISTS (SELECT 1 FROM channels WHERE event_id = own.id) OR EXISTS (
            SELECT 1 FROM channels c JOIN channels o ON o.connection_id = c.connection_id
            WHERE c.event_id = e.id AND o.event_id = own.id))
        ORDER BY e.starts_at DESC, e.id DESC LIMIT ${MAX_READ}
      )
      SELECT ch.connection_id AS "connectionId", COUNT(*)::int AS sold, COUNT(${CHECKED_IN_AT})::int AS attended
      FROM earlier e JOIN tickets t ON t.event_id = e.id AND t.state = 'VALID'
        LEFT JOIN channels ch ON ch.id = t.channel_id LEFT JOIN check_ins c ON c.ticket_id = t.id
      GROUP BY e.id, e.starts_at, ch.connection_id ORDER BY e.starts_at DESC, e.id DESC`
  }
}
