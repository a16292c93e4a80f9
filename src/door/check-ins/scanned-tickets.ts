import { Injectable } from '@nestjs/common'
import type { ChannelName } from '../../domain/channel.js'
import type { Transaction } from '../../infrastructure/prisma/transaction.js'
import { EXTERNAL_CHECK_IN } from '../check-in-sql.js'

/** A ticket of the event, with what is recorded of its check-in. */
export interface ScannedTicket {
  id: string
  /** Ours; null: a platform issued it. */
  code: string | null
  /** That of the platform, which tickets may share. */
  externalCode: string | null
  state: 'VALID' | 'CANCELLED'
  /** Those of the codes that it had before it was given to another person. */
  revokedCodes: string[]
  name: string | null
  platform: ChannelName
  own: Date | null
  deviceId: string | null
  external: Date | null
}

/** A recorded check-in, as it is written. */
export interface CheckInRow {
  ticketId: string
  checkedInAt: Date
  userId: string
  deviceId: string | null
  recordedAt: Date
}

/** Tickets and check-ins in PostgreSQL, within a transaction. */
@Injectable()
export class ScannedTickets {
  /** Tickets of the event that have one of these ids or codes, or had one, by id. */
  find(
    client: Transaction,
    eventId: string,
    ids: readonly string[],
    codes: readonly string[],
  ): Promise<ScannedTicket[]> {
    return client.$queryRaw<ScannedTicket[]>`
      SELECT t.id, t.code, t.external_code AS "externalCode", t.state::text, t.holder_name AS name, t.platform::text,
        c.checked_in_at AS own, c.device_id AS "deviceId", ${EXTERNAL_CHECK_IN} AS external,
        ARRAY(SELECT r.revoked_code FROM ticket_transfers r WHERE r.ticket_id = t.id AND r.revoked_code = ANY(${[...codes]}))
          AS "revokedCodes"
      FROM tickets t LEFT JOIN check_ins c ON c.ticket_id = t.id
      WHERE t.event_id = ${eventId}
        AND (t.id = ANY(${[...ids]}) OR t.code = ANY(${[...codes]}) OR t.external_code = ANY(${[...codes]})
          OR t.id IN (SELECT ticket_id FROM ticket_transfers WHERE revoked_code = ANY(${[...codes]})))
      ORDER BY t.id`
  }

  async write(client: Transaction, rows: readonly CheckInRow[]): Promise<void> {
    if (rows.length === 0) return
    await client.$executeRaw`
      INSERT INTO check_ins (ticket_id, checked_in_at, user_id, device_id, recorded_at)
      SELECT "ticketId", "checkedInAt", "userId", "deviceId", "recordedAt"
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c("ticketId" text, "checkedInAt" timestamptz, "userId" text,
        "deviceId" text, "recordedAt" timestamptz)
      ON CONFLICT (ticket_id) DO UPDATE SET checked_in_at = EXCLUDED.checked_in_at, user_id = EXCLUDED.user_id,
        device_id = EXCLUDED.device_id, recorded_at = EXCLUDED.recorded_at`
  }
}
