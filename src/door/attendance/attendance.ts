import { Injectable } from '@nestjs/common'
import { eventNotFound } from '../../domain/errors.js'
import { DIRECT } from '../../domain/channel.js'
import { Prisma } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { RecentReads } from '../../infrastructure/recent-reads.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { CHECKED_IN_AT } from '../check-in-sql.js'
import { Duplicates } from '../duplicates/duplicates.js'
import { countedWalkIns } from '../walk-ins/walk-in-sql.js'
import type { ChannelAttendanceDto, DoorDto } from './attendance.dto.js'

/** Every phone at the door requests it every few seconds. */
const DOOR = { maxAgeMs: 1_000, max: 100 }
/** Of all attendees; changes with sales, not with check-ins. */
const DUPLICATES = { maxAgeMs: 30_000, max: 100 }

interface Row {
  capacity: number
  walkIns: number
  channels: ChannelAttendanceDto[]
}

/** Who is in, of those who have a ticket and those who have none. */
@Injectable()
export class Attendance {
  private readonly doors: RecentReads<DoorDto>
  private readonly freeSeats: RecentReads<number>

  constructor(
    private readonly prisma: PrismaService,
    duplicates: Duplicates,
    clock: Clock,
  ) {
    this.doors = new RecentReads((eventId) => this.read(eventId), DOOR, clock)
    this.freeSeats = new RecentReads((eventId) => duplicates.seats(eventId), DUPLICATES, clock)
  }

  /** At most a second old, the seats that may come free half a minute. Throws NotFound. */
  of(eventId: string): Promise<DoorDto> {
    return this.doors.get(eventId)
  }

  private async read(eventId: string): Promise<DoorDto> {
    const [row] = await this.prisma.$queryRaw<Row[]>(attendanceQuery(eventId))
    if (!row) throw eventNotFound()
    const { capacity, walkIns, channels } = row
    const [sold, checkedIn] = [sumOf(channels, 'sold'), sumOf(channels, 'attended')]
    const seatsThatMayComeFree = await this.freeSeats.get(eventId)
    return { capacity, sold, checkedIn, walkIns, inTheRoom: checkedIn + walkIns, channels, seatsThatMayComeFree }
  }
}

/** Channels in the order in which they were added, direct sales last. */
export function attendanceQuery(eventId: string): Prisma.Sql {
  return Prisma.sql`
    SELECT e.capacity, ${countedWalkIns(eventId)} AS "walkIns", (
        SELECT json_agg(json_build_object('channelId', s.id, 'platform', s.platform, 'label', s.label,
          'sold', COALESCE(b.units, 0), 'attended', COALESCE(i.attended, 0)) ORDER BY s.platform = ${DIRECT.id}, s.id)
        FROM (
          SELECT id, platform::text, label FROM channels WHERE event_id = e.id
          UNION ALL SELECT ${DIRECT.id}, ${DIRECT.id}, NULL
        ) AS s
        LEFT JOIN balances b ON b.event_id = e.id AND b.account = 'SOLD:' || s.id
        LEFT JOIN (
          SELECT COALESCE(t.channel_id, ${DIRECT.id}) AS id, COUNT(*) AS attended
          FROM tickets t LEFT JOIN check_ins c ON c.ticket_id = t.id
          WHERE t.event_id = ${eventId} AND t.state = 'VALID' AND ${CHECKED_IN_AT} IS NOT NULL
          GROUP BY 1
        ) AS i ON i.id = s.id
      ) AS channels
    FROM events e WHERE e.id = ${eventId}`
}

function sumOf(channels: readonly ChannelAttendanceDto[], field: 'sold' | 'attended'): number {
  return channels.reduce((sum, channel) => sum + channel[field], 0)
}
