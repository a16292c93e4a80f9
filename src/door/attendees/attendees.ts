import { Injectable } from '@nestjs/common'
import { createHash } from 'node:crypto'
import type { ChannelName } from '../../domain/channel.js'
import { Prisma } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { CHECKED_IN_AT } from '../check-in-sql.js'

export interface AttendeeTicket {
  id: string
  /** Ours, or the platform's; null: it has none. */
  code: string | null
  externalTicketId: string | null
  ticketType: string | null
  /** RFC 3339; the first time, here or on the platform. */
  checkedInAt: string | null
}

/** A person with the valid tickets of one order that are theirs. */
export interface Attendee {
  id: string
  /** `sortKey` of the name. */
  key: string
  orderId: string
  name: string | null
  email: string | null
  platform: ChannelName
  /** Null: a direct order. */
  channelId: string | null
  tickets: AttendeeTicket[]
}

/** Where a list by name continues: after this attendee. */
export type AttendeePosition = Pick<Attendee, 'key' | 'orderId'>

export interface AttendeeFilter {
  /** Each is contained in the key of the name. */
  words?: readonly string[]
  platform?: ChannelName | undefined
  /** True: at least one ticket is checked in; false: at least one is not. */
  checkedIn?: boolean | undefined
}

const FROM_START: AttendeePosition = { key: '', orderId: '' }

/** Everybody who has a valid ticket, over all channels, by name. */
@Injectable()
export class Attendees {
  constructor(private readonly prisma: PrismaService) {}

  /** Up to `limit` attendees after the position. */
  async page(
    eventId: string,
    filter: AttendeeFilter,
    limit: number,
    after: AttendeePosition = FROM_START,
  ): Promise<Attendee[]> {
    const rows = await this.prisma.$queryRaw<Omit<Attendee, 'id'>[]>(pageQuery(eventId, filter, limit, after))
    return rows.map((row) => ({ ...row, id: attendeeId(row), tickets: row.tickets.map(withInstant) }))
  }
}

/** Reads the index by name from the position, and no further than it has to. */
export function pageQuery(
  eventId: string,
  { words = [], platform, checkedIn }: AttendeeFilter,
  limit: number,
  after: AttendeePosition = FROM_START,
): Prisma.Sql {
  const named = words.map((word) => Prisma.sql`AND t.holder_key LIKE ${`%${word}%`}`)
  const sold = platform === undefined ? Prisma.empty : Prisma.sql`AND t.platform = ${platform}::"ChannelName"`
  const isIn = Prisma.sql`bool_or(${CHECKED_IN_AT} IS NOT NULL)`
  const isOut = Prisma.sql`bool_or(${CHECKED_IN_AT} IS NULL)`
  const state = checkedIn === undefined ? Prisma.empty : Prisma.sql`HAVING ${checkedIn ? isIn : isOut}`
  return Prisma.sql`
    SELECT t.holder_key AS key, t.order_id AS "orderId", min(t.holder_name) AS name, min(t.holder_email) AS email,
      min(t.platform::text) AS platform, min(t.channel_id) AS "channelId",
      json_agg(json_build_object('id', t.id, 'code', COALESCE(t.code, t.external_code),
        'externalTicketId', t.external_ticket_id, 'ticketType', t.ticket_type,
        'checkedInAt', ${CHECKED_IN_AT}) ORDER BY t.id) AS tickets
    FROM tickets t LEFT JOIN check_ins c ON c.ticket_id = t.id
    WHERE t.event_id = ${eventId} AND t.state = 'VALID' AND (t.holder_key, t.order_id) > (${after.key}, ${after.orderId})
      ${Prisma.join([Prisma.empty, ...named], ' ')} ${sold}
    GROUP BY t.holder_key, t.order_id
    ${state}
    ORDER BY t.holder_key, t.order_id
    LIMIT ${limit}`
}

/** The same as long as the name is; does not show it. */
export function attendeeId({ orderId, key }: AttendeePosition): string {
  return `${orderId}-${createHash('sha256').update(`${orderId} ${key}`).digest('hex').slice(0, 12)}`
}

/** PostgreSQL writes instants in JSON in its own format. */
function withInstant({ checkedInAt, ...ticket }: AttendeeTicket): AttendeeTicket {
  return { ...ticket, checkedInAt: checkedInAt === null ? null : new Date(checkedInAt).toISOString() }
}
