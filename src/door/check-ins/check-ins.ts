import { Injectable } from '@nestjs/common'
import { AuditService } from '../../accounts/audit.service.js'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { DomainError, eventNotFound, NotFound, StateConflict } from '../../domain/errors.js'
import { TRANSFERRED } from '../../domain/people/transferred.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { Transactions } from '../../infrastructure/transactions.js'
import { EventStore } from '../../stock/event-store.js'
import { DOOR_LOCK_TIMEOUT_MS, doorLock } from '../door-lock.js'
import { decideCheckIn } from './check-in-rule.js'
import type { CheckInDto } from './check-ins.dto.js'
import { CheckInStore, type CheckInRow, type ScannedTicket } from './check-in-store.js'

/** One scan, by code or by ticket. `at` null: it happens now. */
export interface Scan {
  code: string | null
  ticketId: string | null
  at: Date | null
  deviceId: string | null
}

/** Check-ins at the door. Those of one event happen one after another, so that a ticket has one first scan. */
@Injectable()
export class CheckIns {
  constructor(
    private readonly events: EventStore,
    private readonly transactions: Transactions,
    private readonly store: CheckInStore,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Results in the order of the scans: the check-in, or why there is none. Applied from the earliest scan to the latest.
   * Throws NotFound for an unknown event.
   */
  async record(
    eventId: string,
    scans: readonly Scan[],
    user: Pick<AuthenticatedUser, 'id'>,
  ): Promise<(CheckInDto | DomainError)[]> {
    if (!(await this.events.exists(eventId))) throw eventNotFound()
    return this.locked(eventId, async (transaction) => {
      const now = this.clock.now()
      const codes = scans.flatMap(({ code }) => code ?? [])
      const ids = scans.flatMap(({ ticketId }) => ticketId ?? [])
      const run = new ScanRun(await this.store.find(transaction, eventId, ids, codes), user.id, now)
      const results = new Map<Scan, CheckInDto | DomainError>()
      const timeOf = ({ at }: Scan) => (at ?? now).getTime()
      for (const scan of scans.toSorted((a, b) => timeOf(a) - timeOf(b))) results.set(scan, run.apply(scan))
      const rows = [...run.written.values()]
      await this.store.write(transaction, rows)
      if (rows.length > 0) {
        const checkIns = rows.map(({ ticketId, checkedInAt, deviceId }) => {
          return { ticketId, checkedInAt: checkedInAt.toISOString(), deviceId }
        })
        await this.audit.record(user.id, 'ticket.check-in', eventId, null, { checkIns }, transaction)
      }
      return scans.map((scan) => results.get(scan) as CheckInDto | DomainError)
    })
  }

  /** Takes a check-in back, also one on the platform. Without one there is nothing to do. Throws NotFound. */
  async takeBack(ticketId: string, user: Pick<AuthenticatedUser, 'id'>): Promise<void> {
    const eventId = await this.store.eventOf(ticketId)
    if (eventId === null) throw new NotFound('There is no such ticket.')
    await this.locked(eventId, async (transaction) => {
      const [ticket] = await this.store.find(transaction, eventId, [ticketId], [])
      if (!ticket || (ticket.own === null && ticket.external === null)) return
      await this.store.takeBack(transaction, ticketId)
      const { own, external, deviceId } = ticket
      const before = { checkedInAt: own?.toISOString() ?? null, onPlatform: external?.toISOString() ?? null, deviceId }
      await this.audit.record(user.id, 'ticket.check-in.take-back', ticketId, before, null, transaction)
    })
  }

  private locked<T>(eventId: string, work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run(async (transaction) => {
      await this.transactions.lock(transaction, [doorLock(eventId)], DOOR_LOCK_TIMEOUT_MS)
      return work(transaction)
    })
  }
}

/** Scans applied to the tickets that were read, one after another. */
class ScanRun {
  readonly written = new Map<string, CheckInRow>()

  constructor(
    private readonly tickets: readonly ScannedTicket[],
    private readonly userId: string,
    private readonly now: Date,
  ) {}

  apply(scan: Scan): CheckInDto | DomainError {
    const ticket = this.ticketOf(scan)
    if (!ticket) {
      return new NotFound(
        scan.code === null ? 'The event has no such ticket.' : 'No ticket of the event has this code.',
      )
    }
    if (scan.code !== null && ticket.revokedCodes.includes(scan.code)) return new StateConflict(TRANSFERRED)
    if (ticket.state !== 'VALID') return new StateConflict('The ticket is cancelled.')
    const { record, first, checkedInAt } = decideCheckIn(ticket, scan.at, this.now)
    const { id: ticketId, name, platform } = ticket
    if (record) {
      ticket.own = record
      ticket.deviceId = scan.deviceId
      const { userId, now: recordedAt } = this
      this.written.set(ticketId, { ticketId, checkedInAt: record, userId, deviceId: scan.deviceId, recordedAt })
    }
    return { ticketId, name, platform, first, checkedInAt: checkedInAt.toISOString() }
  }

  /**
   * Tickets may share a code: it lets in one after another. A scan that is reported again is that of the ticket which it
   * has let in.
   */
  private ticketOf({ code, ticketId, at, deviceId }: Scan): ScannedTicket | undefined {
    const scanned = this.tickets.filter((ticket) =>
      code === null
        ? ticket.id === ticketId
        : ticket.code === code || ticket.externalCode === code || ticket.revokedCodes.includes(code),
    )
    const valid = scanned.filter(({ state }) => state === 'VALID')
    const isRepeated = (ticket: ScannedTicket) =>
      at !== null && deviceId !== null && ticket.deviceId === deviceId && ticket.own?.getTime() === at.getTime()
    const isOut = ({ own, external }: ScannedTicket) => own === null && external === null
    return valid.find(isRepeated) ?? valid.find(isOut) ?? valid[0] ?? scanned[0]
  }
}
