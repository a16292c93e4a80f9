import { EXTERNAL_CHECK_IN } from '../../../door/check-in-sql.js'
import { CheckInStore, type CheckInRow, type ScannedTicket } from '../../../door/check-ins/check-in-store.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaCheckInStore extends CheckInStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async eventOf(ticketId: string): Promise<string | null> {
    const ticket = await this.prisma.ticket.findUnique({ where: { id: ticketId }, select: { eventId: true } })
    return ticket?.eventId ?? null
  }

  find(
    transaction: DatabaseTransaction,
    eventId: string,
    ids: readonly string[],
    codes: readonly string[],
  ): Promise<ScannedTicket[]> {
    return clientOf(transaction).$queryRaw<ScannedTicket[]>`
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

  async write(transaction: DatabaseTransaction, rows: readonly CheckInRow[]): Promise<void> {
    if (rows.length === 0) return
    await clientOf(transaction).$executeRaw`
      INSERT INTO check_ins (ticket_id, checked_in_at, user_id, device_id, recorded_at)
      SELECT "ticketId", "checkedInAt", "userId", "deviceId", "recordedAt"
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c("ticketId" text, "checkedInAt" timestamptz, "userId" text,
        "deviceId" text, "recordedAt" timestamptz)
      ON CONFLICT (ticket_id) DO UPDATE SET checked_in_at = EXCLUDED.checked_in_at, user_id = EXCLUDED.user_id,
        device_id = EXCLUDED.device_id, recorded_at = EXCLUDED.recorded_at`
  }

  async takeBack(transaction: DatabaseTransaction, ticketId: string): Promise<void> {
    const client = clientOf(transaction)
    await client.checkIn.deleteMany({ where: { ticketId } })
    await client.$executeRaw`UPDATE tickets SET ignored_check_in_at = external_checked_in_at WHERE id = ${ticketId}`
  }
}
