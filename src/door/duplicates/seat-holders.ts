import { Injectable } from '@nestjs/common'
import { DIRECT } from '../../domain/channel.js'
import { NO_NAME } from '../../domain/people/name-key.js'
import type { SeatHolder } from '../../domain/people/duplicates.js'
import { Prisma } from '../../generated/prisma/client.js'
import { Config } from '../../infrastructure/config/config.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { wordOrders } from '../../domain/people/word-orders.js'
import { attendeeId, type Attendee } from '../attendees/attendees.js'

/** An attendee as the search for duplicates sees it. */
export interface AttendeeHolder extends SeatHolder {
  displayName: string | null
  orderId: string
  platform: string
  channelId: string | null
  /** Null: a direct order. */
  connectionId: string | null
}

interface Row {
  key: string
  orderId: string
  displayName: string | null
  platform: string
  channelId: string | null
  connectionId: string | null
  listing: string | null
  email: string | null
  emailVerified: boolean
  seats: number
  since: Date
}

/** Attendees of an event by what may identify them. */
@Injectable()
export class SeatHolders {
  constructor(
    private readonly prisma: PrismaService,
    private readonly config: Config,
  ) {}

  /** All of the event. */
  all(eventId: string): Promise<AttendeeHolder[]> {
    return this.read(eventId, Prisma.empty)
  }

  /** Those of the event who may be one of these attendees: with the same address or the same words in their names. */
  like(eventId: string, attendees: readonly Attendee[]): Promise<AttendeeHolder[]> {
    const emails = attendees.flatMap(({ email }) => email?.toLowerCase() ?? [])
    const keys = [...new Set(attendees.flatMap(({ key }) => (key === NO_NAME ? [] : wordOrders(key))))]
    return this.read(eventId, Prisma.sql`AND (lower(t.holder_email) = ANY(${emails}) OR t.holder_key = ANY(${keys}))`)
  }

  /**
   * A platform has an address from its owner if it sends the tickets there; a ticket that the buyer gave to another
   * person has what the buyer entered. A direct buyer has proved the address of the account, or of the place on the waitlist; where
   * no mail is sent that is not possible, and the address of the account counts, as it does for holding tickets.
   */
  private async read(eventId: string, where: Prisma.Sql): Promise<AttendeeHolder[]> {
    const sendsMail = this.config.mail.smtpUrl !== null
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT t.holder_key AS key, t.order_id AS "orderId", min(t.holder_name) AS "displayName",
        min(t.platform::text) AS platform, min(t.channel_id) AS "channelId",
        min(c.connection_id) AS "connectionId", min(c.external_event_id) AS listing, lower(min(t.holder_email)) AS email,
        COUNT(*)::int AS seats, COALESCE(min(o.placed_at), min(o.seen_at)) AS since,
        bool_or(CASE WHEN t.channel_id IS NOT NULL THEN lower(t.holder_email) = lower(o.buyer_email)
          ELSE lower(u.email) = lower(t.holder_email) AND (u.email_verified_at IS NOT NULL OR NOT ${sendsMail})
            OR lower(w.email) = lower(t.holder_email) AND w.verified_at IS NOT NULL END) IS TRUE AS "emailVerified"
      FROM tickets t JOIN orders o ON o.id = t.order_id LEFT JOIN channels c ON c.id = t.channel_id
        LEFT JOIN holds h ON h.order_id = o.id LEFT JOIN users u ON u.id = h.account_id
        LEFT JOIN waitlist_entries w ON w.hold_id = h.id
      WHERE t.event_id = ${eventId} AND t.state = 'VALID' ${where}
      GROUP BY t.holder_key, t.order_id`
    return rows.map(({ key, orderId, listing, ...row }) => ({
      ...row,
      orderId,
      id: attendeeId({ key, orderId }),
      name: key === NO_NAME ? '' : key,
      // Tickets of two types of one listing were bought on purpose.
      channel: listing === null ? DIRECT.id : `${row.platform} ${listing}`,
    }))
  }
}
