import { CheckInStore, type CheckInRow, type ScannedTicket } from '../../../door/check-ins/check-in-store.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { TicketRow } from '../rows.js'
import { byId } from '../sorting.js'

export class MemoryCheckInStore extends CheckInStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async eventOf(ticketId: string): Promise<string | null> {
    this.database.assertAvailable()
    return this.database.tickets.get(null, ticketId)?.eventId ?? null
  }

  async find(
    transaction: DatabaseTransaction,
    eventId: string,
    ids: readonly string[],
    codes: readonly string[],
  ): Promise<ScannedTicket[]> {
    this.database.assertAvailable()
    const { tickets, ticketTransfers, checkIns } = this.database
    const revoked = ticketTransfers.where(transaction, ({ revokedCode }) => codes.includes(revokedCode))
    const isScanned = ({ id, code, externalCode }: TicketRow) =>
      ids.includes(id) ||
      codes.some((one) => one === code || one === externalCode) ||
      revoked.some(({ ticketId }) => ticketId === id)
    const found = tickets.where(transaction, (row) => row.eventId === eventId && isScanned(row)).toSorted(byId)
    return found.map((ticket) => {
      const { id, code, externalCode, state, platform, holderName: name } = ticket
      const checkIn = checkIns.get(transaction, id)
      const revokedCodes = revoked.filter(({ ticketId }) => ticketId === id).map(({ revokedCode }) => revokedCode)
      const recorded = { own: checkIn?.checkedInAt ?? null, deviceId: checkIn?.deviceId ?? null }
      return { id, code, externalCode, state, revokedCodes, name, platform, ...recorded, external: externalOf(ticket) }
    })
  }

  async write(transaction: DatabaseTransaction, rows: readonly CheckInRow[]): Promise<void> {
    this.database.assertAvailable()
    for (const row of rows) await this.database.checkIns.upsert(transaction, { ...row })
  }

  async takeBack(transaction: DatabaseTransaction, ticketId: string): Promise<void> {
    this.database.assertAvailable()
    const { tickets, checkIns } = this.database
    const checkIn = checkIns.get(transaction, ticketId)
    if (checkIn) await checkIns.deleteWhere(transaction, () => true, [checkIn])
    await tickets.update(transaction, ticketId, (row) => ({ ignoredCheckInAt: row.externalCheckedInAt }))
  }
}

/** As `EXTERNAL_CHECK_IN`. */
export function externalOf({ externalCheckedInAt, ignoredCheckInAt }: TicketRow): Date | null {
  return externalCheckedInAt?.getTime() === ignoredCheckInAt?.getTime() ? null : externalCheckedInAt
}
